import {randomUUID} from 'node:crypto';
import {hostname} from 'node:os';
import {startOperator} from '../controller/operator.ts';
import {systemClock, systemRandom} from '../kube/system-clock.ts';
import type {FlagValues} from '../lib/flags.ts';
import type {CONTROLLER_FLAGS} from './controller-flags.ts';
import type {Surroundings} from './program.ts';

/** A master and Marathon that lead or stand by. */
export async function runController(
  flags: FlagValues<typeof CONTROLLER_FLAGS>,
  surroundings: Surroundings,
): Promise<number> {
  const {log, stopRequested, version} = surroundings;
  const abdicated = Promise.withResolvers<undefined>();
  const fatal = Promise.withResolvers<string>();
  const operator = await startOperator({
    kubeconfigPath: flags.kubeconfig,
    environment: surroundings.env,
    namespace: flags.namespace,
    identity: `${flags.pod_name ?? hostname()}_${randomUUID()}`,
    podName: flags.pod_name,
    master: flags,
    marathon: flags,
    marathonAddress: {ip: flags.http_address, port: flags.http_port},
    portFlags: {master: 'port', marathon: 'http_port'},
    lease: {
      durationMs: flags.lease_duration,
      renewDeadlineMs: flags.lease_renew_deadline,
      retryPeriodMs: flags.lease_retry_period,
    },
    rateLimit: {qps: flags.kube_api_qps, burst: flags.kube_api_burst},
    version,
    clock: systemClock,
    random: systemRandom,
    log,
    onAbdicated: () => abdicated.resolve(undefined),
    onFatal: fatal.resolve,
  });
  if (!operator.ok) {
    surroundings.complain(operator.error);
    return 1;
  }
  log.info('controller started', {mesosUrl: operator.value.mesosUrl, marathonUrl: operator.value.marathonUrl});
  const reason = await Promise.race([stopRequested.then(() => undefined), abdicated.promise, fatal.promise]);
  if (reason !== undefined) {
    // What was under way may belong to the next leader already: nothing is finished here.
    log.error('controller ends', {reason});
    return 1;
  }
  await operator.value.stop();
  return 0;
}
