import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {parse, parseAllDocuments} from 'yaml';
import {VERSION} from '../../src/version.ts';
import {binaryPath} from './binaries.ts';
import {command} from './command.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CHART = join(ROOT, 'deploy/helm');

type PodSpec = {
  readonly enableServiceLinks?: boolean;
  readonly imagePullSecrets?: readonly {readonly name: string}[];
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
  readonly securityContext?: {readonly runAsNonRoot?: boolean; readonly seccompProfile?: {readonly type: string}};
  readonly containers: readonly {
    readonly image: string;
    readonly resources: {readonly requests?: object};
    readonly securityContext?: {
      readonly allowPrivilegeEscalation?: boolean;
      readonly readOnlyRootFilesystem?: boolean;
      readonly capabilities?: {readonly drop?: readonly string[]; readonly add?: readonly string[]};
    };
  }[];
};
type Manifest = {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Record<string, string>;
    readonly labels?: Record<string, string>;
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly rules?: unknown;
  readonly spec?: PodSpec & {
    readonly replicas?: number;
    readonly selector?: unknown;
    readonly ports?: readonly {readonly port: number; readonly nodePort?: number}[];
    readonly template?: {readonly metadata: {readonly annotations?: Record<string, string>}; readonly spec: PodSpec};
  };
};

async function helm(...args: readonly string[]): Promise<string> {
  return command([await binaryPath('helm'), ...args]);
}

/** What an install with these `--set` values would create, hooks included. */
async function render(...sets: readonly string[]): Promise<Manifest[]> {
  const values = sets.flatMap(set => ['--set', set]);
  // A helm built from its module does not know a Kubernetes version of its own.
  const text = await helm('template', 'mesos', CHART, '--namespace', 'team', '--kube-version', '1.35.0', ...values);
  return parseAllDocuments(text)
    .map(document => document.toJS() as Manifest | null)
    .filter(manifest => manifest !== null);
}

const named = (manifests: readonly Manifest[], kind: string, name: string): Manifest | undefined =>
  manifests.find(each => each.kind === kind && each.metadata.name === name);
const files = (manifests: readonly Manifest[], name: string) => named(manifests, 'ConfigMap', name)?.data;
const podsOf = (manifests: readonly Manifest[]): [name: string, spec: PodSpec][] =>
  manifests.flatMap(({kind, metadata, spec}) => {
    const found = kind === 'Pod' ? spec : spec?.template?.spec;
    return found === undefined ? [] : [[`${kind} ${metadata.name}`, found]];
  });

const EVERYTHING = [
  'uninstall.tasks=remove',
  'ingress.enabled=true',
  'metrics.serviceMonitor.enabled=true',
  'metrics.podMonitor.enabled=true',
  'metrics.prometheusRule.enabled=true',
  'metrics.dashboard.enabled=true',
];

test('helm finds nothing to say against it', async t => {
  t.regex(await helm('lint', '--strict', '--kube-version', '1.35.0', CHART), /0 chart\(s\) failed/);
});

test('the defaults: three controllers, an agent on each node, Services that follow the leader', async t => {
  const manifests = await render();
  t.is(named(manifests, 'Deployment', 'mesos-controller')?.spec?.replicas, 3);
  t.truthy(named(manifests, 'DaemonSet', 'mesos-agent'));
  t.truthy(named(manifests, 'PodDisruptionBudget', 'mesos-controller'));
  for (const name of ['mesos-master', 'marathon']) {
    t.like(named(manifests, 'Service', name)?.spec?.selector, {'mesos.dev/leader': 'true'}, name);
  }
  const kinds = new Set(manifests.map(({kind}) => kind));
  // What needs kinds or controllers that a cluster may not have is off.
  for (const kind of ['ServiceMonitor', 'PrometheusRule', 'Ingress']) t.false(kinds.has(kind), kind);
});

test('every pod is what Pod Security calls restricted, with a root that nobody writes to', async t => {
  const pods = podsOf(await render(...EVERYTHING));
  t.deepEqual(pods.map(([name]) => name).sort(), [
    'DaemonSet mesos-agent',
    'Deployment mesos-controller',
    'Job mesos-uninstall',
    'Pod mesos-check',
  ]);
  for (const [name, {securityContext, containers, volumes = [], hostNetwork, hostPID}] of pods) {
    t.like(securityContext, {runAsNonRoot: true, seccompProfile: {type: 'RuntimeDefault'}}, name);
    t.deepEqual([hostNetwork, hostPID], [undefined, undefined], name);
    t.true(
      volumes.every(volume => 'emptyDir' in volume || 'configMap' in volume),
      name,
    );
    for (const {securityContext: own, resources} of containers) {
      t.like(own, {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true}, name);
      t.deepEqual(own?.capabilities, {drop: ['ALL']}, name);
      t.truthy(resources.requests, name);
    }
  }
});

test('no program takes the variables of Services for its flags', async t => {
  const pods = podsOf(await render(...EVERYTHING)).filter(([name]) => name !== 'Pod mesos-check');
  for (const [name, {enableServiceLinks}] of pods) t.false(enableServiceLinks, name);
});

test('no role of a program has a wildcard; what reaches beyond the namespace only reads', async t => {
  const manifests = await render(...EVERYTHING);
  const roles = manifests.filter(({kind}) => /Role$/.test(kind));
  t.false(JSON.stringify(roles.map(({rules}) => rules)).includes('*'));
  const bound = manifests.filter(({kind}) => kind === 'ClusterRoleBinding').map(({metadata}) => metadata.name);
  const wide = manifests.filter(({kind, metadata}) => kind === 'ClusterRole' && bound.includes(metadata.name));
  t.deepEqual(
    wide.map(({metadata, rules}) => [metadata.name, rules]),
    [
      [
        'mesos-agent-team',
        [
          {apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch']},
          {apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch']},
        ],
      ],
      ['mesos-controller-team', [{apiGroups: [''], resources: ['nodes'], verbs: ['list', 'watch']}]],
    ],
  );
});

test('everything is in the namespace of the release, or says so in its name', async t => {
  const outside = (await render(...EVERYTHING)).filter(({metadata}) => metadata.namespace !== 'team');
  const names = outside.map(({kind, metadata}) => `${kind} ${metadata.name}`);
  t.deepEqual(
    names.filter(name => !name.startsWith('CustomResource')).toSorted(),
    [
      'ClusterRole mesos-agent-team',
      'ClusterRole mesos-controller-team',
      'ClusterRole mesos-view-team',
      'ClusterRole mesos-edit-team',
      'ClusterRoleBinding mesos-agent-team',
      'ClusterRoleBinding mesos-controller-team',
      'FlowSchema mesos-leases-team',
      'PriorityLevelConfiguration mesos-leases-team',
      'ValidatingAdmissionPolicy mesos-agent-team',
      'ValidatingAdmissionPolicyBinding mesos-agent-team',
    ].toSorted(),
  );
});

test('the kinds are those of deploy/crds, upgrade with the chart, and stay when it goes', async t => {
  const rendered = (await render()).filter(({kind}) => kind === 'CustomResourceDefinition');
  const folder = join(ROOT, 'deploy/crds');
  const wanted = readdirSync(folder).map(name => parse(readFileSync(join(folder, name), 'utf8')) as Manifest);
  const byName = (a: Manifest, b: Manifest): number => (a.metadata.name < b.metadata.name ? -1 : 1);
  t.deepEqual(
    rendered.toSorted(byName).map(({spec}) => spec),
    wanted.toSorted(byName).map(({spec}) => spec),
  );
  for (const {metadata} of rendered) t.is(metadata.annotations?.['helm.sh/resource-policy'], 'keep', metadata.name);
});

const flagRows = {
  'a duration': {
    set: 'master.flags.allocation_interval=500ms',
    map: 'mesos-master-flags',
    file: 'allocation_interval',
    want: '500ms',
  },
  'a large number': {
    set: 'master.flags.max_stream_buffer_bytes=33554432',
    map: 'mesos-master-flags',
    file: 'max_stream_buffer_bytes',
    want: '33554432',
  },
  'a boolean': {
    set: 'master.flags.root_submissions=false',
    map: 'mesos-master-flags',
    file: 'root_submissions',
    want: 'false',
  },
  'a list': {set: 'master.flags.roles={a,b}', map: 'mesos-master-flags', file: 'roles', want: 'a,b'},
  'a flag of Marathon': {
    set: 'marathon.flags.launch_tokens=7',
    map: 'marathon-flags',
    file: 'launch_tokens',
    want: '7',
  },
  'a flag of the agent': {
    set: 'agent.flags.attributes=rack:r1',
    map: 'mesos-agent-flags',
    file: 'attributes',
    want: 'rack:r1',
  },
  'a flag of the controller': {
    set: 'controller.flags.lease_duration=20secs',
    map: 'mesos-controller-flags',
    file: 'lease_duration',
    want: '20secs',
  },
  'what agents must know as the master does': {
    set: 'master.flags.agent_ping_timeout=5secs',
    map: 'mesos-agent-flags',
    file: 'agent_ping_timeout',
    want: '5secs',
  },
  'the image of tasks that name none': {
    set: 'taskDefaultImage=debian:12',
    map: 'mesos-master-flags',
    file: 'task_default_image',
    want: 'debian:12',
  },
};
for (const [title, {set, map, file, want}] of Object.entries(flagRows)) {
  test(`${title} becomes a file, and the pods that read it are replaced`, async t => {
    const [before, after] = [await render(), await render(set)];
    t.is(files(after, map)?.[file], want);
    const checksum = (of: readonly Manifest[]) => checksums(of)[map === 'mesos-agent-flags' ? 'agent' : 'controller'];
    t.truthy(checksum(after));
    t.not(checksum(before), checksum(after));
  });
}

/** What changes when the flags of a workload do. */
function checksums(manifests: readonly Manifest[]) {
  const of = (kind: string, name: string): string | undefined =>
    named(manifests, kind, name)?.spec?.template?.metadata.annotations?.['checksum/flags'];
  return {controller: of('Deployment', 'mesos-controller'), agent: of('DaemonSet', 'mesos-agent')};
}

test('a flag of the master leaves agents alone', async t => {
  const [before, after] = [await render(), await render('master.flags.cluster=x')].map(checksums);
  t.is(after?.agent, before?.agent);
});

test('a flag that is not set has no file: the program’s default holds', async t => {
  t.deepEqual(files(await render(), 'mesos-master-flags'), {
    task_default_image: 'busybox:1.37',
    shim_image: `mesos-operator:${VERSION}`,
  });
});

const refused = {
  'a flag that does not exist': {
    set: 'master.flags.alocation_interval=1secs',
    want: /master\/flags'.*'alocation_interval' not allowed/s,
  },
  'a value that does not exist': {set: 'replicas=3', want: /'replicas' not allowed/},
  'a duration without a unit': {
    set: 'master.flags.allocation_interval=5',
    want: /allocation_interval': got number, want .*string/,
  },
  'a duration with an unknown unit': {
    set: 'master.flags.allocation_interval=5s',
    want: /allocation_interval': '5s' does not match pattern/,
  },
  'a number out of range': {
    set: 'marathon.flags.local_port_min=70000',
    want: /local_port_min': maximum: got 70,000, want 65,535/,
  },
  'a text for a number': {set: 'controller.replicas=many', want: /controller\/replicas': got string, want integer/},
  'resources that are none': {
    set: 'agent.flags.resources=cpus:x',
    want: /agent\/flags\/resources': 'cpus:x' does not match pattern/,
  },
  'amounts for ports': {set: 'agent.flags.resources=ports:3', want: /agent\/flags\/resources'/},
  'a digest that is none': {set: 'image.digest=abc', want: /image\/digest': 'abc' does not match pattern/},
  'no image': {set: 'image.repository=', want: /image\/repository': '' does not match pattern/},
  'no image for tasks': {set: 'taskDefaultImage=', want: /taskDefaultImage': '' does not match pattern/},
  'a time between scrapes that is none': {
    set: 'metrics.serviceMonitor.interval=abc',
    want: /metrics\/serviceMonitor\/interval': 'abc' does not match pattern/,
  },
  'a variable that sets no flag': {
    set: 'controller.extraEnv[0].name=MESOS_ALOCATION_INTERVAL',
    want: /controller\/extraEnv\/0\/name'/,
  },
  'a roll-out of agents that could replace none': {set: 'agent.maxSurge=0', want: /agent.maxSurge: want more than 0/},
  'a word that is none of the choices': {
    set: 'uninstall.tasks=drop',
    want: /uninstall\/tasks': value must be one of 'keep', 'remove'/,
  },
};
for (const [title, {set, want}] of Object.entries(refused)) {
  test(`${title} is refused and named`, async t => {
    const error = await t.throwsAsync(render(set));
    t.regex(error?.message ?? '', want);
  });
}

const switches: Record<string, {set: string; kind: string; name: string}> = {
  agents: {set: 'agent.enabled=false', kind: 'DaemonSet', name: 'mesos-agent'},
  roles: {set: 'rbac.create=false', kind: 'Role', name: 'mesos-controller'},
  ServiceAccounts: {set: 'controller.serviceAccount.create=false', kind: 'ServiceAccount', name: 'mesos-controller'},
  'network policies': {set: 'networkPolicy.enabled=false', kind: 'NetworkPolicy', name: 'mesos-controller'},
  'the disruption budget': {
    set: 'controller.podDisruptionBudget.enabled=false',
    kind: 'PodDisruptionBudget',
    name: 'mesos-controller',
  },
  'the job that ends controllers first': {set: 'uninstall.job=false', kind: 'Job', name: 'mesos-uninstall'},
  'the policy for agents': {
    set: 'rbac.agentPolicy=false',
    kind: 'ValidatingAdmissionPolicy',
    name: 'mesos-agent-team',
  },
  'rights of people': {set: 'rbac.aggregate=false', kind: 'ClusterRole', name: 'mesos-edit-team'},
  'the way of their own for Leases': {set: 'flowControl.enabled=false', kind: 'FlowSchema', name: 'mesos-leases-team'},
  kinds: {set: 'crds.install=false', kind: 'CustomResourceDefinition', name: 'marathonapps.mesos.dev'},
};
for (const [title, {set, kind, name}] of Object.entries(switches)) {
  test(`${title} can be switched off`, async t => {
    t.truthy(named(await render(), kind, name));
    t.is(named(await render(set), kind, name), undefined);
  });
}

const additions: Record<string, {set: string; kind: string; name: string}> = {
  'a ServiceMonitor': {set: 'metrics.serviceMonitor.enabled=true', kind: 'ServiceMonitor', name: 'mesos'},
  'a PodMonitor': {set: 'metrics.podMonitor.enabled=true', kind: 'PodMonitor', name: 'mesos'},
  alerts: {set: 'metrics.prometheusRule.enabled=true', kind: 'PrometheusRule', name: 'mesos'},
  'a dashboard': {set: 'metrics.dashboard.enabled=true', kind: 'ConfigMap', name: 'mesos-dashboard'},
  'an Ingress': {set: 'ingress.enabled=true', kind: 'Ingress', name: 'mesos'},
};
for (const [title, {set, kind, name}] of Object.entries(additions)) {
  test(`${title} can be switched on`, async t => {
    t.is(named(await render(), kind, name), undefined);
    t.truthy(named(await render(set), kind, name));
  });
}

test('the dashboard in the ConfigMap is JSON', async t => {
  const data = files(await render('metrics.dashboard.enabled=true'), 'mesos-dashboard');
  t.notThrows(() => JSON.parse(data?.['mesos.json'] ?? ''));
});

test('secrets for the registry are those of tasks too, unless these have their own', async t => {
  const both = await render('imagePullSecrets[0].name=a', 'imagePullSecrets[1].name=b');
  t.is(files(both, 'mesos-master-flags')?.['task_image_pull_secrets'], 'a,b');
  for (const [name, {imagePullSecrets}] of podsOf(both))
    t.deepEqual(imagePullSecrets, [{name: 'a'}, {name: 'b'}], name);
  const own = await render('imagePullSecrets[0].name=a', 'master.flags.task_image_pull_secrets={c}');
  t.is(files(own, 'mesos-master-flags')?.['task_image_pull_secrets'], 'c');
});

test('a Service on every node has the port that it is told', async t => {
  const manifests = await render('service.marathon.type=NodePort', 'service.marathon.nodePort=30080');
  const [port] = named(manifests, 'Service', 'marathon')?.spec?.ports ?? [];
  t.like(port, {port: 8080, nodePort: 30080});
});

test('a digest wins over a tag', async t => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const pods = podsOf(await render('image.repository=r.example/mesos', 'image.tag=x', `image.digest=${digest}`));
  for (const [name, {containers}] of pods) t.is(containers[0]?.image, `r.example/mesos@${digest}`, name);
});

/** Texts that must be in what is rendered of one object. */
const options: Record<string, {sets: readonly string[]; kind: string; name: string; want: readonly string[]}> = {
  'labels of their own on every object': {
    sets: ['commonLabels.team=a'],
    kind: 'Service',
    name: 'marathon',
    want: ['"team":"a"'],
  },
  'a registry before our image': {
    sets: ['image.registry=mirror.example.com/x'],
    kind: 'DaemonSet',
    name: 'mesos-agent',
    want: [`"image":"mirror.example.com/x/mesos-operator:${VERSION}"`],
  },
  'a registry before the image of tasks': {
    sets: ['image.registry=mirror.example.com/x'],
    kind: 'ConfigMap',
    name: 'mesos-master-flags',
    want: ['"task_default_image":"mirror.example.com/x/busybox:1.37"'],
  },
  'security contexts without ids, as OpenShift wants them': {
    sets: [
      'podSecurityContext.runAsUser=null',
      'podSecurityContext.runAsGroup=null',
      'podSecurityContext.fsGroup=null',
    ],
    kind: 'Deployment',
    name: 'mesos-controller',
    want: ['"securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}}'],
  },
  'probes with other times': {
    sets: ['controller.probes.liveness.periodSeconds=77'],
    kind: 'Deployment',
    name: 'mesos-controller',
    want: ['"livenessProbe":{"httpGet":{"path":"/health","port":"master"},"failureThreshold":3,"periodSeconds":77'],
  },
  'another spread': {
    sets: [
      'controller.topologySpreadConstraints[0].maxSkew=2',
      'controller.topologySpreadConstraints[0].topologyKey=rack',
      'controller.topologySpreadConstraints[0].whenUnsatisfiable=DoNotSchedule',
    ],
    kind: 'Deployment',
    name: 'mesos-controller',
    want: ['"topologySpreadConstraints":[{"maxSkew":2,"topologyKey":"rack","whenUnsatisfiable":"DoNotSchedule"}]'],
  },
  'more arguments, volumes and containers of controllers': {
    sets: [
      'controller.extraArgs[0]=--cluster=x',
      'controller.extraVolumes[0].name=v',
      'controller.extraVolumeMounts[0].name=v',
      'controller.extraVolumeMounts[0].mountPath=/v',
      'controller.extraContainers[0].name=c',
      'controller.extraContainers[0].image=i',
      'controller.extraInitContainers[0].name=before',
      'controller.extraInitContainers[0].image=i',
    ],
    kind: 'Deployment',
    name: 'mesos-controller',
    want: [
      '"--cluster=x"]',
      '{"name":"v"}]',
      '{"mountPath":"/v","name":"v"}',
      '{"image":"i","name":"c"}',
      '"initContainers":[{',
    ],
  },
  'more arguments and volumes of agents': {
    sets: [
      'agent.extraArgs[0]=--attributes=a:b',
      'agent.extraVolumes[0].name=v',
      'agent.extraContainers[0].name=c',
      'agent.extraContainers[0].image=i',
    ],
    kind: 'DaemonSet',
    name: 'mesos-agent',
    want: ['"--attributes=a:b"]', '{"name":"v"}]', '{"image":"i","name":"c"}'],
  },
  'objects of their own, with templates in them': {
    sets: [
      'extraObjects[0].apiVersion=v1',
      'extraObjects[0].kind=Secret',
      'extraObjects[0].metadata.name=of-{{ .Release.Name }}',
    ],
    kind: 'Secret',
    name: 'of-mesos',
    want: ['"apiVersion":"v1"'],
  },
  'kinds that go with the chart': {
    sets: ['crds.keep=false'],
    kind: 'CustomResourceDefinition',
    name: 'marathonapps.mesos.dev',
    want: ['"metadata":{"name":"marathonapps.mesos.dev","labels":{"app.kubernetes.io/part-of":"mesos"}}'],
  },
  'both address families': {
    sets: ['service.ipFamilyPolicy=PreferDualStack', 'service.ipFamilies={IPv6,IPv4}'],
    kind: 'Service',
    name: 'mesos-controller',
    want: ['"ipFamilyPolicy":"PreferDualStack","ipFamilies":["IPv6","IPv4"]'],
  },
  'connections of the chart’s pods to where they must only': {
    sets: ['networkPolicy.egress[0].to[0].ipBlock.cidr=10.0.0.0/8'],
    kind: 'NetworkPolicy',
    name: 'mesos-agent',
    want: [
      '"policyTypes":["Ingress","Egress"]',
      '{"port":6443,"protocol":"TCP"}',
      '{"to":[{"ipBlock":{"cidr":"10.0.0.0/8"}}]}',
    ],
  },
  'relabelings of what is scraped': {
    sets: ['metrics.serviceMonitor.enabled=true', 'metrics.serviceMonitor.metricRelabelings[0].action=drop'],
    kind: 'ServiceMonitor',
    name: 'mesos',
    want: ['"metricRelabelings":[{"action":"drop"}]'],
  },
  'a runbook for each alert': {
    sets: ['metrics.prometheusRule.enabled=true', 'metrics.prometheusRule.runbookUrl=https://wiki.example.com/x'],
    kind: 'PrometheusRule',
    name: 'mesos',
    want: ['"runbook_url":"https://wiki.example.com/x#mesoshasnoleader"'],
  },
  'agents that come up before others go': {
    sets: [],
    kind: 'DaemonSet',
    name: 'mesos-agent',
    want: ['"rollingUpdate":{"maxSurge":"20%","maxUnavailable":0}'],
  },
  'agents that go before others come up, for full nodes': {
    sets: ['agent.maxUnavailable=2'],
    kind: 'DaemonSet',
    name: 'mesos-agent',
    want: ['"rollingUpdate":{"maxSurge":0,"maxUnavailable":2}'],
  },
  'a limit to the memory of controllers': {
    sets: [],
    kind: 'Deployment',
    name: 'mesos-controller',
    want: ['"limits":{"memory":"2Gi"}'],
  },
};
for (const [title, {sets, kind, name, want}] of Object.entries(options)) {
  test(`there can be ${title}`, async t => {
    const text = JSON.stringify(named(await render(...sets), kind, name));
    for (const part of want) t.true(text.includes(part), `${part} in ${text}`);
  });
}

test('hooks run where the controllers may', async t => {
  const sets = ['controller.tolerations[0].key=dedicated', 'controller.nodeSelector.pool=a'];
  const manifests = await render(...EVERYTHING, ...sets);
  for (const [name, spec] of podsOf(manifests)) {
    if (name.startsWith('DaemonSet')) continue;
    t.like(spec, {tolerations: [{key: 'dedicated'}], nodeSelector: {pool: 'a'}}, name);
  }
});

test('every pod of the chart has a label that all are to have', async t => {
  const manifests = await render(...EVERYTHING, 'commonLabels.team=a');
  for (const {kind, metadata, spec} of manifests) {
    t.like(metadata.labels, {team: 'a'}, `${kind} ${metadata.name}`);
    const template = spec?.template?.metadata as Manifest['metadata'] | undefined;
    if (template !== undefined) t.like(template.labels, {team: 'a'}, `a pod of ${kind} ${metadata.name}`);
  }
});

test('the job before an uninstall deletes nothing of tasks unless they are to go', async t => {
  const rules = (manifests: readonly Manifest[]): string =>
    JSON.stringify(named(manifests, 'Role', 'mesos-uninstall')?.rules);
  t.false(/mesosframeworks|daemonsets|configmaps/.test(rules(await render())));
  t.regex(
    rules(await render('uninstall.tasks=remove', 'uninstall.job=false')),
    /mesosframeworks.*daemonsets.*configmaps/,
  );
});
