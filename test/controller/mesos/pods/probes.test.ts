import test from 'ava';
import {probesOf} from '../../../../src/controller/mesos/pods/probes.ts';

const tcp = {type: 'TCP' as const, tcp: {port: 1}};

test('a health check that says nothing more has the times of Mesos', t => {
  const {startupProbe, livenessProbe, readinessProbe} = probesOf(tcp, undefined);
  const common = {tcpSocket: {port: 1}, periodSeconds: 10, timeoutSeconds: 20};
  t.like(startupProbe, {...common, initialDelaySeconds: 15, failureThreshold: 3});
  t.like(livenessProbe, {...common, initialDelaySeconds: 0, failureThreshold: 3});
  t.like(readinessProbe, {...common, initialDelaySeconds: 0, failureThreshold: 1});
});

test('the grace period counts in intervals beyond the delay', t => {
  const health = {...tcp, delay_seconds: 1, interval_seconds: 1, grace_period_seconds: 10, consecutive_failures: 1};
  t.is(probesOf(health, undefined).startupProbe?.failureThreshold, 10); // 9 s at 1 s each, and the one that counts
});

test('no time is below a second', t => {
  const health = {...tcp, interval_seconds: 0.1, timeout_seconds: 0.1, delay_seconds: 0, grace_period_seconds: 0};
  t.like(probesOf(health, undefined).readinessProbe, {periodSeconds: 1, timeoutSeconds: 1});
});

test('a check that is no health check has the times of Mesos, and fails at once', t => {
  t.deepEqual(probesOf(undefined, tcp), {
    readinessProbe: {
      tcpSocket: {port: 1},
      initialDelaySeconds: 15,
      periodSeconds: 10,
      timeoutSeconds: 20,
      failureThreshold: 1,
    },
  });
});

test('without a check there are no probes', t => t.deepEqual(probesOf(undefined, undefined), {}));

test('one failure that may kill is seen by readiness before', t => {
  const {livenessProbe, readinessProbe} = probesOf({...tcp, consecutive_failures: 1}, undefined);
  t.deepEqual([livenessProbe?.failureThreshold, readinessProbe?.failureThreshold], [2, 1]);
});

test('HTTP is asked for at the root, and without TLS, unless it says otherwise', t => {
  const http = {port: 80};
  const {readinessProbe} = probesOf({type: 'HTTP', http}, undefined);
  t.deepEqual(readinessProbe?.httpGet, {path: '/', port: 80, scheme: 'HTTP'});
});
