import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {Compile} from 'typebox/schema';
import {parse} from 'yaml';
import {CHART_VALUES} from '../../scripts/generate/chart/table.ts';

const read = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../deploy/helm/${name}`, import.meta.url)), 'utf8');
const schema = Compile(JSON.parse(read('values.schema.json')) as object);

/** The chart's own values with one of them as given, as Helm checks them. */
function withValue(path: string, given: unknown): unknown {
  const values = parse(read('values.yaml')) as Record<string, unknown>;
  const names = path.split('.');
  const leaf = names.pop() ?? '';
  const level = names.reduce((at, name) => at[name] as Record<string, unknown>, values);
  level[leaf] = given;
  return values;
}

test('the schema admits the chart’s own values', t => {
  t.true(schema.Check(parse(read('values.yaml'))));
});

test('no value is free text: nothing at all, or a list of such, would be taken', t => {
  const loose = CHART_VALUES.filter(({schema: {type, enum: words, pattern, anyOf}}) => {
    const isText = type === 'string' || (Array.isArray(type) && type.includes('string'));
    return isText && words === undefined && pattern === undefined && anyOf === undefined;
  });
  // A file of the controller's own, whatever it is called.
  t.deepEqual(
    loose.map(({path}) => path),
    [
      'master.flags.cluster',
      'master.flags.allocator_journal',
      'master.flags.whitelist',
      'master.flags.external_log_file',
      'marathon.flags.mesos_user',
    ],
  );
});

const env = (name: string) => [{name, value: 'x'}];
const refused: readonly (readonly [path: string, ...values: readonly unknown[]])[] = [
  ['image.registry', 'registry.example.com/', 'https://registry.example.com', 'a b'],
  ['image.repository', '', 'Upper/Case', 'a b', 'mesos:1.0', null],
  ['image.tag', '-x', 'a:b', 'a b'],
  ['image.digest', 'abc', 'sha256:abc', `sha512:${'0'.repeat(64)}`, `sha256:${'G'.repeat(64)}`],
  ['image.pullPolicy', 'always', ''],
  ['imagePullSecrets', [{}], ['a'], [{name: ''}], [{name: 'A_b'}]],
  ['taskDefaultImage', '', 'busy box', 'busybox:', 'Busybox', ':1.37'],
  ['commonLabels', {'a b': 'c'}, {a: 'b c'}, {a: 1}, {a: 'x'.repeat(64)}],
  ['podSecurityContext', 'none', []],
  ['extraObjects', [{kind: 'ConfigMap'}], [1], ['']],
  ['crds.keep', 'yes'],
  ['uninstall.timeoutSeconds', 0, -1, '300'],
  ['controller.replicas', -1, 1.5],
  ['controller.resources', {cpu: '1'}, {requests: {cpu: 'much'}}, {requests: {memory: '1 Gi'}}, {limit: {}}],
  ['controller.nodeSelector', {pool: 1}, {'': 'x'}, {pool: 'a b'}],
  ['controller.tolerations', [{effect: 'NoRun'}], [{operator: 'Is'}], [{keys: 'a'}], ['dedicated'], {key: 'a'}],
  ['controller.affinity', {nodes: {}}, {nodeAffinity: 'x'}],
  ['controller.topologySpreadConstraints', [{maxSkew: 0}], [{topologyKey: 'zone'}], {}],
  ['controller.priorityClassName', 'Very High'],
  ['controller.podLabels', {'-a': 'b'}],
  ['controller.podAnnotations', {'a b': 'c'}, {a: true}],
  ['controller.extraArgs', ['lease_duration=1secs'], ['-v'], '--a=b'],
  ['controller.extraEnv', env(''), env('1A'), env('A B'), env('A=B'), [{value: 'x'}], [{name: 'A', values: 'x'}]],
  ['controller.extraEnv', env('MESOS_ALOCATION_INTERVAL'), env('MARATHON_LAUNCH_TOKEN'), env('MESOS_mesos_role')],
  ['agent.extraEnv', env('MESOS_RESORCES'), env('MESOS_ALLOCATION_INTERVAL')],
  ['controller.extraVolumes', [{emptyDir: {}}], [{name: 'A_b'}]],
  ['controller.extraVolumeMounts', [{name: 'a'}], [{name: 'a', mountPath: 'tmp'}]],
  ['controller.extraContainers', [{name: 'a'}], [{name: 'a', image: ''}]],
  ['controller.probes.liveness', {periodSeconds: 0}, {period: 1}, {httpGet: {}}],
  ['controller.podDisruptionBudget.maxUnavailable', '1', '20 %', '101%', -1],
  ['controller.serviceAccount.name', '', 'Mesos', 'a b'],
  ['agent.maxSurge', 'all', -1, '20'],
  ['agent.maxUnavailable', '200%', 'none'],
  ['agent.flags.resources', 'cpus:x', 'cpus', 'cpus:', 'mem:-1', 'ports:3', 'cpus:[1-2]', 'cpus:{a}', 'cpus:1,mem:2'],
  ['agent.flags.resources', 'cpus:1;mem', 'ports:[1]', 'ports:[1-2', 'cpus(web:1', 'cpus=4', 4],
  ['agent.flags.headroom', 'cpus:x', 'ports:[1-2]', 'tape:1', 'cpus(web):1'],
  ['agent.flags.oversubscribed', 'cpus:x', 'cpus(web):1', 'ports:[1-2]', '2'],
  ['agent.flags.attributes', 'rack', 'rack:', ':r1', 'rack:r1;zone', 'ports:[1', 'tags:{a'],
  ['agent.flags.tolerated_taints', 'a:NoRun', ['a b'], ['=b'], 'a,,b'],
  ['agent.flags.node_labels_as_attributes', ['a b'], 'a/b/c', ['/a']],
  ['agent.flags.headroom_window', '5', '5s', '-5secs', 5],
  ['controller.flags.lease_duration', '5', '15s', '15 secs', 15],
  ['controller.flags.kube_api_qps', 0, 'many', 1.5],
  ['master.flags.domain', 'eu', 'r/z'],
  ['master.flags.hostname', '', 'a b', 'http://a'],
  ['master.flags.roles', ['a b'], 'a,-b', ['a//b']],
  ['master.flags.allow_host_paths', ['srv'], ['/srv/../etc'], '/srv,etc', ['/..']],
  ['master.flags.allowed_capabilities', ['net_admin'], 'CHOWN;KILL'],
  ['master.flags.task_image_pull_secrets', ['A_b'], ['']],
  ['marathon.flags.mesos_role', '', 'a b', '/a', '-a', 'a//b'],
  ['marathon.flags.webui_url', 'marathon.example.com', 'ftp://a'],
  ['marathon.flags.env_vars_prefix', '1A', 'A-'],
  ['marathon.flags.framework_name', '', ' '],
  ['service.master.port', 0, 70_000, '5050'],
  ['service.master.annotations', {a: 1}],
  ['service.ipFamilies', ['IPv5'], ['IPv4', 'IPv4'], 'IPv4'],
  ['service.ipFamilyPolicy', 'Both'],
  ['ingress.className', 'A b'],
  ['ingress.masterHost', 'a b', 'http://a', 'a..b', '-a'],
  ['ingress.tls', [{host: 'a'}], [{hosts: ['a b']}], [{secretName: 'A_b'}]],
  ['networkPolicy.from', [{}], [{pods: {}}], ['10.0.0.0/8']],
  ['networkPolicy.egress', [{from: []}], {}],
  ['metrics.serviceMonitor.interval', 'abc', '', '30', '5 s', '1s1m', '30secs'],
  ['metrics.podMonitor.interval', 'abc', ''],
  ['metrics.serviceMonitor.relabelings', [1], {}],
  ['metrics.prometheusRule.runbookUrl', 'runbooks', 'file:///x'],
  ['flowControl.shares', 0, '10'],
];
for (const [path, ...wrong] of refused) {
  test(`${path}: ${wrong.map(value => JSON.stringify(value)).join(', ')}: refused`.slice(0, 200), t => {
    for (const value of wrong) {
      const values = withValue(path, value);
      t.false(schema.Check(values), JSON.stringify(value));
      t.true(JSON.stringify(schema.Errors(values)).includes(path.split('.').join('/')), 'and named');
    }
  });
}

const admitted: readonly (readonly [path: string, ...values: readonly unknown[]])[] = [
  ['image.registry', '', 'mirror.example.com', 'mirror.example.com:5000/team/a'],
  ['image.repository', 'mesos-operator', 'registry.example.com:5000/team/mesos-operator', 'localhost:5000/a'],
  ['image.digest', '', `sha256:${'0a'.repeat(32)}`],
  ['taskDefaultImage', 'debian:12', 'r.example:5000/a/b', `busybox@sha256:${'0'.repeat(64)}`],
  ['podSecurityContext', {runAsUser: null}, {}],
  ['extraObjects', [{apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'a'}}], ['kind: {{ .x }}']],
  ['controller.resources', {requests: {cpu: 1, memory: '1.5Gi', 'example.com/gpu': '1'}}, {}],
  ['controller.tolerations', [{operator: 'Exists'}], [{key: 'a.b/c', value: 'd', effect: 'NoExecute'}]],
  ['controller.extraEnv', env('TZ'), env('NODE_OPTIONS'), env('MESOS_ALLOCATION_INTERVAL'), env('MARATHON_MESOS_ROLE')],
  ['agent.extraEnv', env('MESOS_RESOURCES'), [{name: 'MESOS_ATTRIBUTES', valueFrom: {configMapKeyRef: {}}}]],
  ['agent.flags.resources', null, '', 'cpus:4; mem(web):8192;ports:[1-2, 5-6];disks:{a,b};', '[{"name":"cpus"}]'],
  ['agent.flags.headroom', 'cpus:0.2;mem:256', ''],
  ['agent.flags.attributes', 'rack:r1;zone:a', 'level:10;tags:{a,b};ports:[1-2]', 'note:two words'],
  ['agent.flags.tolerated_taints', 'dedicated=mesos:NoSchedule', ['a', 'b=', 'c:NoExecute'], ''],
  ['master.flags.allow_host_paths', '/', ['/srv/data', '/srv/..data'], '/srv, /opt'],
  ['master.flags.roles', ['*', 'eng/ads'], 'a,b'],
  ['ingress.masterHost', '', 'mesos.example.com', '*.example.com'],
  ['networkPolicy.egress', [], [{to: [{ipBlock: {cidr: '10.0.0.0/8'}}], ports: [{port: 80}]}]],
  ['metrics.serviceMonitor.interval', '30s', '1m30s', '500ms'],
  ['metrics.prometheusRule.runbookUrl', '', null, 'https://wiki.example.com/alerts'],
];
for (const [path, ...right] of admitted) {
  test(`${path}: ${right.map(value => JSON.stringify(value)).join(', ')}: taken`.slice(0, 200), t => {
    for (const value of right) t.true(schema.Check(withValue(path, value)), JSON.stringify(value));
  });
}
