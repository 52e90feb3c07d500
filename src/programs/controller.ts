import {randomUUID} from 'node:crypto';
import {hostname} from 'node:os';
import {MASTER_FLAGS} from '../controller/flags.ts';
import {MARATHON_FLAGS} from '../controller/marathon/flags.ts';
import {startOperator} from '../controller/operator.ts';
import {systemClock, systemRandom} from '../kube/system-clock.ts';
import {flag, flagTypes, unset} from '../lib/flags.ts';
import {program} from './program.ts';

/** What the Kubernetes side of a controller is told. */
export const CONTROLLER_FLAGS = {
  namespace: flag(flagTypes.text, 'default', 'Namespace of the cluster’s objects; one namespace is one Mesos cluster.'),
  lease_duration: flag(flagTypes.duration, 15_000, 'How long others wait for a leader that fell silent.'),
  lease_renew_deadline: flag(
    flagTypes.duration,
    10_000,
    'A leader that could not renew its Lease for so long stops acting.',
  ),
  lease_retry_period: flag(flagTypes.duration, 2_000, 'Time between two attempts to get or renew the Lease.'),
  log_level: flag(flagTypes.oneOf('debug', 'info', 'warn', 'error'), 'info', 'The least that is logged.'),
};

export const CONTROLLER = program({
  summary: 'The master and Marathon. Several may run: one leads, the others stand by.',
  flags: {
    kubeconfig: unset(
      flagTypes.text,
      'How to reach the API server; unset: KUBECONFIG, ~/.kube/config or the pod’s own service account.',
    ),
    http_address: flag(flagTypes.text, '0.0.0.0', 'Address on which Marathon answers over HTTP.'),
    http_port: flag(flagTypes.port, 8080, 'Port on which Marathon answers over HTTP; 0 takes a free one.'),
    ...CONTROLLER_FLAGS,
    ...MASTER_FLAGS,
    ...MARATHON_FLAGS,
  },
  run: async (flags, {log, stopRequested, version}) => {
    const fatal = Promise.withResolvers<string>();
    const operator = await startOperator({
      kubeconfigPath: flags.kubeconfig,
      namespace: flags.namespace,
      identity: `${hostname()}_${randomUUID()}`,
      master: flags,
      marathon: flags,
      marathonAddress: {ip: flags.http_address, port: flags.http_port},
      portFlags: {master: 'port', marathon: 'http_port'},
      lease: {
        durationMs: flags.lease_duration,
        renewDeadlineMs: flags.lease_renew_deadline,
        retryPeriodMs: flags.lease_retry_period,
      },
      version,
      clock: systemClock,
      random: systemRandom,
      log,
      onFatal: fatal.resolve,
    });
    if (!operator.ok) {
      log.error('controller can not start', {reason: operator.error});
      return 1;
    }
    log.info('controller started', {mesosUrl: operator.value.mesosUrl, marathonUrl: operator.value.marathonUrl});
    const reason = await Promise.race([stopRequested.then(() => undefined), fatal.promise]);
    if (reason !== undefined) {
      // What was under way may belong to the next leader already: nothing is finished here.
      log.error('controller ends', {reason});
      return 1;
    }
    await operator.value.stop();
    return 0;
  },
});
