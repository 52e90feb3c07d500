import test from 'ava';
import {MARATHON_FLAGS} from '../../../../src/controller/marathon/flags.ts';
import {marathonInfo} from '../../../../src/controller/marathon/http/info.ts';
import {formatFlags, parseFlags} from '../../../../src/lib/flags.ts';

function info(argv: readonly string[], leader: string | undefined) {
  const flags = parseFlags(MARATHON_FLAGS, {argv});
  if (!flags.ok) throw new Error(flags.error.join());
  return marathonInfo({
    version: '1.2.3',
    leading: leader !== undefined,
    leader,
    frameworkId: leader === undefined ? undefined : 'F-0000',
    flags: formatFlags(MARATHON_FLAGS, flags.value),
    masterUrl: 'http://m:5050',
    httpPort: 8080,
  });
}

test('who leads, as which framework, with which flags', t => {
  const {marathon_config, ...rest} = info(['--framework_name=42', '--local_port_max=11000'], 'a.example:8080');
  t.deepEqual(rest, {
    name: 'marathon',
    version: '1.2.3',
    buildref: 'unknown',
    elected: true,
    leader: 'a.example:8080',
    frameworkId: 'F-0000',
    zookeeper_config: {},
    http_config: {http_port: 8080, https_port: 8443},
  });
  t.like(marathon_config, {
    framework_name: '42',
    hostname: 'a.example',
    master: 'http://m:5050',
    mesos_role: '*',
    failover_timeout: 604_800,
    launch_token: 100,
    local_port_min: 10_000,
    local_port_max: 11_000,
    features: ['vips', 'task_killing', 'secrets', 'gpu_resources'],
    leader_proxy_read_timeout_ms: 10_000,
    scale_apps_interval: 300_000,
  });
});

test('flags that the original does not show are not shown: a client fails at them', t => {
  const {marathon_config} = info([], 'a.example:8080') as {marathon_config: object};
  for (const name of ['kill_chunk_size', 'zk_max_versions', 'health_check_kill_limit']) {
    t.false(name in marathon_config, name);
  }
});

test('what is not known is left out', t => {
  const without = info([], undefined);
  t.deepEqual(
    ['leader', 'frameworkId'].filter(name => name in without),
    [],
  );
  t.is(without['elected'], false);
});
