import {flag, flagTypes, unset} from '../lib/flags.ts';

/** What the end of a cluster is told. */
export const UNINSTALL_FLAGS = {
  kubeconfig: unset(
    flagTypes.text,
    'How to reach the API server; unset: KUBECONFIG, ~/.kube/config or the pod’s own service account.',
  ),
  namespace: flag(flagTypes.text, 'default', 'Namespace of the cluster’s objects.'),
  tasks: flag(
    flagTypes.oneOf('remove', 'keep'),
    'remove',
    'What becomes of tasks: they are removed with all other objects of the cluster, or they run on and a later install adopts them.',
  ),
  timeout: flag(flagTypes.duration, 5 * 60_000, 'How long to wait for tasks to end.'),
  log_level: flag(flagTypes.oneOf('debug', 'info', 'warn', 'error'), 'info', 'The least that is logged.'),
};
