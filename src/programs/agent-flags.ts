import {flag, flagTypes, required, unset} from '../lib/flags.ts';

/** What an agent is told. Mesos's names where the meaning is the same. */
export const AGENT_FLAGS = {
  name: required(flagTypes.text, 'Name of the agent, of its node and of its MesosAgent.'),
  data_dir: required(flagTypes.text, 'Where sandboxes and records of running tasks are kept.'),
  kubeconfig: unset(
    flagTypes.text,
    'How to reach the API server; unset: KUBECONFIG, ~/.kube/config or the pod’s own service account.',
  ),
  namespace: flag(flagTypes.text, 'default', 'Namespace of the cluster’s objects.'),
  hostname: unset(flagTypes.text, 'What frameworks see as the host; unset: the agent’s name.'),
  resources: unset(
    flagTypes.text,
    'What to offer, as in cpus:4;mem:8192;disk:20480;ports:[31000-32000]; unset: what the machine has.',
  ),
  attributes: unset(flagTypes.text, 'Attributes, as in rack:r1;zone:a.'),
  agent_ping_timeout: flag(
    flagTypes.duration,
    15_000,
    'As told to the master; the Lease is renewed three times as often.',
  ),
  max_agent_ping_timeouts: flag(flagTypes.count(1), 5, 'As told to the master.'),
  recovery_timeout: flag(
    flagTypes.duration,
    15 * 60_000,
    'Tasks are ended when the API server was silent for so long.',
  ),
  gc_delay: flag(flagTypes.duration, 7 * 86_400_000, 'How long the sandboxes of ended tasks are kept.'),
  token_file: required(flagTypes.text, 'File with the token that callers of the log and exec server have to send.'),
  ip: flag(flagTypes.text, '127.0.0.1', 'Address of the log and exec server.'),
  log_level: flag(flagTypes.oneOf('debug', 'info', 'warn', 'error'), 'info', 'The least that is logged.'),
};
