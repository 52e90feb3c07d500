import {MASTER_FLAGS} from '../controller/flags.ts';
import {MARATHON_FLAGS, marathonMistakes} from '../controller/marathon/flags.ts';
import {accessMistakes} from '../controller/web/access-flags.ts';
import {RETRY_JITTER} from '../controller/runtime/lease-record.ts';
import {flag, flagTypes, type FlagValues, unset} from '../lib/flags.ts';
import {formatDuration} from '../lib/units.ts';

/** What a controller is told: about Kubernetes, as a master, as Marathon. */
export const CONTROLLER_FLAGS = {
  kubeconfig: unset(
    flagTypes.text,
    'How to reach the API server; unset: KUBECONFIG, ~/.kube/config or the pod’s own service account.',
  ),
  namespace: flag(flagTypes.text, 'default', 'Namespace of the cluster’s objects; one namespace is one Mesos cluster.'),
  http_address: flag(flagTypes.host, '0.0.0.0', 'Address on which Marathon answers over HTTP.'),
  http_port: flag(flagTypes.port, 8080, 'Port on which Marathon answers over HTTP; 0 takes a free one.'),
  pod_name: unset(
    flagTypes.text,
    'The pod this runs in, which gets the label mesos.dev/leader while it leads; unset: not in a pod.',
  ),
  kube_api_qps: flag(flagTypes.count(1), 500, 'Requests a second to the API server, in the long run.'),
  kube_api_burst: flag(flagTypes.count(1), 1000, 'So many requests may go at once after a pause.'),
  lease_duration: flag(
    flagTypes.durationWithin(1000, 3_600_000),
    15_000,
    'How long others wait for a leader that fell silent.',
  ),
  lease_renew_deadline: flag(
    flagTypes.durationWithin(100, 3_600_000),
    10_000,
    'A leader that could not renew its Lease for so long stops acting.',
  ),
  lease_retry_period: flag(
    flagTypes.durationWithin(50, 3_600_000),
    2_000,
    'Time between two attempts to get or renew the Lease.',
  ),
  log_level: flag(flagTypes.oneOf('debug', 'info', 'warn', 'error'), 'info', 'The least that is logged.'),
  ...MASTER_FLAGS,
  ...MARATHON_FLAGS,
};

/** What no flag can say alone; each mistake as a sentence. */
export const controllerMistakes = (values: FlagValues<typeof CONTROLLER_FLAGS>): string[] => [
  ...leaseMistakes(values),
  ...marathonMistakes(values),
  ...accessMistakes(values),
];

/** A leader must have ended before others may begin, and must have had more than one attempt to renew before it ends. */
function leaseMistakes({
  lease_duration: durationMs,
  lease_renew_deadline: deadlineMs,
  lease_retry_period: periodMs,
}: FlagValues<typeof CONTROLLER_FLAGS>): string[] {
  const [duration, deadline, period] = [durationMs, deadlineMs, periodMs].map(formatDuration);
  const mistakes: string[] = [];
  if (durationMs <= deadlineMs)
    mistakes.push(`--lease_duration: want more than --lease_renew_deadline=${deadline}, got "${duration}"`);
  if (deadlineMs <= periodMs * RETRY_JITTER)
    mistakes.push(
      `--lease_renew_deadline: want more than ${RETRY_JITTER} times --lease_retry_period=${period}, got "${deadline}"`,
    );
  return mistakes;
}
