import {AGENT_FLAGS} from '../../../src/programs/agent-flags.ts';
import {CONTROLLER_FLAGS} from '../../../src/programs/controller-flags.ts';
import {flagValues} from './flag-values.ts';
import {type ChartValue, values} from './value.ts';

const {boolean, count, countFrom1, countOrPercent, name, nameOrEmpty, labels, annotations, oneOf} = values;

type Workload = {
  readonly of: 'controller' | 'agent';
  readonly what: string;
  readonly resources: object;
  /** Every flag: variables may set them. */
  readonly flags: readonly string[];
  readonly probes: Readonly<Record<'startup' | 'liveness' | 'readiness', object>>;
};

/** What pods of both workloads have. */
const podValues = ({of, what, resources, flags, probes}: Workload): ChartValue[] => [
  values.resources(`${of}.resources`, resources, `Resources of each ${what}.`),
  labels(`${of}.nodeSelector`, {}, 'Labels of the nodes to run on.'),
  values.tolerations(`${of}.tolerations`, [], 'Taints to tolerate.'),
  nameOrEmpty(`${of}.priorityClassName`, '', 'Priority class of the pods.'),
  labels(`${of}.podLabels`, {}, 'More labels of the pods.'),
  annotations(`${of}.podAnnotations`, {}, 'More annotations of the pods.'),
  values.arguments(`${of}.extraArgs`, [], 'More arguments, as in --flag=value; they win over files and variables.'),
  values.env(
    `${of}.extraEnv`,
    flags,
    'More environment variables, as in a container; MESOS_<FLAG> sets a flag, and wins over its file.',
  ),
  values.volumes(`${of}.extraVolumes`, [], 'More volumes of the pods.'),
  values.volumeMounts(`${of}.extraVolumeMounts`, [], `More volume mounts of each ${what}.`),
  values.containers(`${of}.extraContainers`, [], 'More containers of the pods.'),
  values.containers(`${of}.extraInitContainers`, [], 'Containers that run to their end before.'),
  ...Object.entries(probes).map(([each, timing]) =>
    values.probe(`${of}.probes.${each}`, timing, `Times and thresholds of the ${each} probe.`),
  ),
];

const serviceAccount = (of: string, fallback: string): ChartValue[] => [
  boolean(`${of}.serviceAccount.create`, true, 'Make the ServiceAccount.'),
  name(`${of}.serviceAccount.name`, fallback, 'Name of the ServiceAccount.'),
  annotations(`${of}.serviceAccount.annotations`, {}, 'Annotations of the ServiceAccount.'),
];

const service = (of: string, fallback: number): ChartValue[] => [
  oneOf(`service.${of}.type`, 'ClusterIP', ['ClusterIP', 'NodePort', 'LoadBalancer'], 'Kind of Service.'),
  values.port(`service.${of}.port`, fallback, 'Port of the Service.'),
  values.nodePort(
    `service.${of}.nodePort`,
    null,
    'Port on every node, of a Service of type NodePort or LoadBalancer; null: Kubernetes chooses.',
  ),
  annotations(`service.${of}.annotations`, {}, 'Annotations of the Service.'),
];

const monitor = (of: string, kind: string, help: string): ChartValue[] => [
  boolean(`metrics.${of}.enabled`, false, `Make a ${kind}${help}; needs the Prometheus operator.`),
  values.prometheusDuration(`metrics.${of}.interval`, '30s', 'Time between two scrapes.'),
  labels(`metrics.${of}.labels`, {}, 'Labels by which your Prometheus finds it.'),
  values.relabelings(`metrics.${of}.relabelings`, [], 'Changes to what is scraped, as in the Prometheus operator.'),
  values.relabelings(`metrics.${of}.metricRelabelings`, [], 'Changes to series before they are stored.'),
];

/** Every value of the chart, in the order of values.yaml. */
export const CHART_VALUES: readonly ChartValue[] = [
  values.registry(
    'image.registry',
    '',
    'Registry, and path in it, before every image that the chart names, as in mirror.example.com/team; empty: none.',
  ),
  values.repository(
    'image.repository',
    'mesos-operator',
    'Where the image of all programs is; build and push it with `npm run image`.',
  ),
  values.tag('image.tag', '', 'Tag of the image; empty: the version of the chart.'),
  values.digest('image.digest', '', 'Digest of the image (sha256:…); wins over the tag.'),
  oneOf('image.pullPolicy', 'IfNotPresent', ['Always', 'IfNotPresent', 'Never'], 'When nodes pull the image.'),
  values.secretNames(
    'imagePullSecrets',
    [],
    'Secrets for the registry, as in a pod; pods of tasks get them too, unless master.flags.task_image_pull_secrets is set.',
  ),
  values.image(
    'taskDefaultImage',
    'busybox:1.37',
    'Image of tasks that name none; needs /bin/sh. The flag task_default_image of the master.',
  ),
  oneOf('logLevel', 'info', ['debug', 'info', 'warn', 'error'], 'The least that controller and agents log.'),
  labels('commonLabels', {}, 'Labels of every object and every pod of the chart.'),
  values.securityContext(
    'podSecurityContext',
    {
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      fsGroup: 65_532,
      seccompProfile: {type: 'RuntimeDefault'},
    },
    'Security context of every pod of the chart. On OpenShift set runAsUser, runAsGroup and fsGroup to null.',
  ),
  values.securityContext(
    'containerSecurityContext',
    {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: ['ALL']}},
    'Security context of every container of the chart.',
  ),
  values.manifests('extraObjects', [], 'More objects to install; text in them is a template.'),

  boolean(
    'crds.install',
    true,
    'Install and upgrade the kinds; false for every further cluster (namespace) of a Kubernetes.',
  ),
  boolean('crds.keep', true, 'Leave the kinds, and with them every object of theirs, when the chart goes.'),
  oneOf(
    'uninstall.tasks',
    'keep',
    ['keep', 'remove'],
    'What helm uninstall does with tasks: they run on and a later install adopts them, or apps, frameworks and tasks are deleted first.',
  ),
  boolean(
    'uninstall.job',
    true,
    'Before anything is removed, a job ends the controllers in good order: the Lease is given back, and nothing waits for a finalizer afterwards. Needed for uninstall.tasks=remove.',
  ),
  countFrom1(
    'uninstall.timeoutSeconds',
    300,
    'How long helm uninstall waits for tasks to end; then it fails and nothing more is removed.',
  ),

  count('controller.replicas', 3, 'Controllers: one leads, the others stand by.'),
  ...podValues({
    of: 'controller',
    what: 'controller',
    resources: {requests: {cpu: '200m', memory: '256Mi'}, limits: {memory: '2Gi'}},
    flags: Object.keys(CONTROLLER_FLAGS),
    probes: {
      startup: {periodSeconds: 1, failureThreshold: 120},
      liveness: {periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3},
      readiness: {periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 2},
    },
  }),
  values.affinity('controller.affinity', {}, 'Affinity of the pods.'),
  values.spread(
    'controller.topologySpreadConstraints',
    null,
    'How the pods are spread, as in a pod; null: over nodes and zones, as far as there are some.',
  ),
  boolean('controller.podDisruptionBudget.enabled', true, 'Let drains take one controller at a time.'),
  countOrPercent('controller.podDisruptionBudget.maxUnavailable', 1, 'Controllers that a drain may take at a time.'),
  ...serviceAccount('controller', 'mesos-controller'),
  ...flagValues('controller'),

  ...flagValues('master'),
  ...flagValues('marathon'),

  boolean('agent.enabled', true, 'Run an agent on each node that the selector and the tolerations admit.'),
  oneOf(
    'agent.hostname',
    'hostIP',
    ['hostIP', 'nodeName'],
    'What frameworks see as the host of a task; names must resolve where it matters to you.',
  ),
  ...podValues({
    of: 'agent',
    what: 'agent',
    // An agent that has to wait for the processor reports late what another scheduler took.
    resources: {requests: {cpu: '100m', memory: '96Mi'}, limits: {memory: '256Mi'}},
    flags: Object.keys(AGENT_FLAGS),
    probes: {
      startup: {periodSeconds: 1, failureThreshold: 120},
      liveness: {periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3},
      readiness: {periodSeconds: 5, timeoutSeconds: 5},
    },
  }),
  values.affinity('agent.affinity', {}, 'Affinity of the pods.'),
  countOrPercent(
    'agent.maxSurge',
    '20%',
    'Agents that an upgrade starts at a time, each beside the one that it replaces: one that does not come up replaces none.',
  ),
  countOrPercent(
    'agent.maxUnavailable',
    0,
    'Above 0: replace so many agents at a time without maxSurge, for nodes without room for two.',
  ),
  ...serviceAccount('agent', 'mesos-agent'),
  ...flagValues('agent'),

  boolean('rbac.create', true, 'Make roles and bindings for the ServiceAccounts.'),
  boolean(
    'rbac.agentPolicy',
    true,
    'Make a ValidatingAdmissionPolicy: an agent may write the MesosAgent and the Lease of its own node alone.',
  ),
  boolean(
    'rbac.aggregate',
    true,
    'Let who may view or edit a namespace see the kinds in it, and who may edit it also change MarathonApps.',
  ),
  boolean(
    'flowControl.enabled',
    true,
    'Make a FlowSchema and a PriorityLevelConfiguration for Leases: a busy API server still answers who renews one.',
  ),
  countFrom1('flowControl.shares', 10, 'Shares of the API server’s concurrency that Leases get.'),
  oneOf(
    'service.ipFamilyPolicy',
    '',
    ['', 'SingleStack', 'PreferDualStack', 'RequireDualStack'],
    'Address families of the Services; empty: as the cluster has it.',
  ),
  values.ipFamilies('service.ipFamilies', [], 'IPv4, IPv6 or both, in order; empty: as the cluster has it.'),
  ...service('master', 5050),
  ...service('marathon', 8080),
  boolean('ingress.enabled', false, 'Publish master and Marathon through an Ingress.'),
  nameOrEmpty('ingress.className', '', 'Class of the Ingress.'),
  annotations('ingress.annotations', {}, 'Annotations of the Ingress.'),
  values.hostOrEmpty('ingress.masterHost', 'mesos.example.com', 'Host name of the master; empty: not published.'),
  values.hostOrEmpty('ingress.marathonHost', 'marathon.example.com', 'Host name of Marathon; empty: not published.'),
  values.ingressTls('ingress.tls', [], 'TLS section, as in an Ingress.'),

  boolean('networkPolicy.enabled', true, 'Admit connections to the ports of controllers only, and none to agents.'),
  values.peers(
    'networkPolicy.from',
    [],
    'Who may connect to the controllers, as in a NetworkPolicy; empty: everybody.',
  ),
  values.egress(
    'networkPolicy.egress',
    null,
    'Where controllers and agents may connect to beside DNS, the API server and each other, as in a NetworkPolicy; null: everywhere.',
  ),
  values.port(
    'networkPolicy.apiServerPort',
    6443,
    'Port of the API server behind its Service, for networkPolicy.egress; 443 is admitted too.',
  ),
  ...monitor('serviceMonitor', 'ServiceMonitor', ''),
  ...monitor('podMonitor', 'PodMonitor', ', for a Prometheus that reads pods; instead of the ServiceMonitor'),
  boolean('metrics.prometheusRule.enabled', false, 'Make alerts; needs the Prometheus operator.'),
  labels('metrics.prometheusRule.labels', {}, 'Labels by which your Prometheus finds them.'),
  values.urlOrNull(
    'metrics.prometheusRule.runbookUrl',
    null,
    'Page with a section for each alert, to which the annotation runbook_url leads; null: that of the project, empty: no annotation.',
  ),
  boolean('metrics.dashboard.enabled', false, 'Make a ConfigMap with a dashboard for Grafana’s sidecar.'),
  labels('metrics.dashboard.labels', {grafana_dashboard: '1'}, 'Labels by which Grafana finds it.'),
];
