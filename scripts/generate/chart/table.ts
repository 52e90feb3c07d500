import {flagValues} from './flag-values.ts';
import {type ChartValue, values} from './value.ts';

const {text, boolean, count, port, nodePort, texts, object, objects, env, countOrPercent, oneOf} = values;

/** What pods of both workloads have. */
const podValues = (of: string, what: string, requests: object): ChartValue[] => [
  object(`${of}.resources`, requests, `Resources of each ${what}.`),
  object(`${of}.nodeSelector`, {}, 'Labels of the nodes to run on.'),
  objects(`${of}.tolerations`, [], 'Taints to tolerate.'),
  text(`${of}.priorityClassName`, '', 'Priority class of the pods.'),
  texts(`${of}.podLabels`, {}, 'More labels of the pods.'),
  texts(`${of}.podAnnotations`, {}, 'More annotations of the pods.'),
  env(`${of}.extraEnv`, [], 'More environment variables, as in a container; MESOS_<FLAG> sets a flag.'),
];

const service = (of: string, fallback: number): ChartValue[] => [
  oneOf(`service.${of}.type`, 'ClusterIP', ['ClusterIP', 'NodePort', 'LoadBalancer'], 'Kind of Service.'),
  port(`service.${of}.port`, fallback, 'Port of the Service.'),
  nodePort(
    `service.${of}.nodePort`,
    null,
    'Port on every node, of a Service of type NodePort or LoadBalancer; null: Kubernetes chooses.',
  ),
  texts(`service.${of}.annotations`, {}, 'Annotations of the Service.'),
];

/** Every value of the chart, in the order of values.yaml. */
export const CHART_VALUES: readonly ChartValue[] = [
  text(
    'image.repository',
    'mesos-operator',
    'Where the image of all programs is; build and push it with `npm run image`.',
  ),
  text('image.tag', '', 'Tag of the image; empty: the version of the chart.'),
  text('image.digest', '', 'Digest of the image (sha256:…); wins over the tag.'),
  oneOf('image.pullPolicy', 'IfNotPresent', ['Always', 'IfNotPresent', 'Never'], 'When nodes pull the image.'),
  objects(
    'imagePullSecrets',
    [],
    'Secrets for the registry, as in a pod; pods of tasks get them too, unless master.flags.task_image_pull_secrets is set.',
  ),
  text(
    'taskDefaultImage',
    'busybox:1.37',
    'Image of tasks that name none; needs /bin/sh. The flag task_default_image of the master.',
  ),
  oneOf('logLevel', 'info', ['debug', 'info', 'warn', 'error'], 'The least that controller and agents log.'),

  boolean(
    'crds.install',
    true,
    'Install and upgrade the kinds; false for every further cluster (namespace) of a Kubernetes.',
  ),
  oneOf(
    'uninstall.tasks',
    'keep',
    ['keep', 'remove'],
    'What helm uninstall does with tasks: they run on and a later install adopts them, or apps, frameworks and tasks are deleted first.',
  ),
  count(
    'uninstall.timeoutSeconds',
    300,
    'How long helm uninstall waits for tasks to end; then it fails and nothing more is removed.',
  ),

  count('controller.replicas', 3, 'Controllers: one leads, the others stand by.'),
  ...podValues('controller', 'controller', {requests: {cpu: '200m', memory: '256Mi'}}),
  object('controller.affinity', {}, 'Affinity of the pods; they are spread over nodes and zones in any case.'),
  boolean('controller.podDisruptionBudget.enabled', true, 'Let drains take one controller at a time.'),
  countOrPercent('controller.podDisruptionBudget.maxUnavailable', 1, 'Controllers that a drain may take at a time.'),
  boolean('controller.serviceAccount.create', true, 'Make the ServiceAccount.'),
  text('controller.serviceAccount.name', 'mesos-controller', 'Name of the ServiceAccount.'),
  texts('controller.serviceAccount.annotations', {}, 'Annotations of the ServiceAccount.'),
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
  // An agent that has to wait for the processor reports late what another scheduler took.
  ...podValues('agent', 'agent', {requests: {cpu: '100m', memory: '96Mi'}, limits: {memory: '256Mi'}}),
  object('agent.affinity', {}, 'Affinity of the pods.'),
  countOrPercent('agent.maxUnavailable', '20%', 'Agents that an upgrade replaces at a time; tasks run on meanwhile.'),
  boolean('agent.serviceAccount.create', true, 'Make the ServiceAccount.'),
  text('agent.serviceAccount.name', 'mesos-agent', 'Name of the ServiceAccount.'),
  texts('agent.serviceAccount.annotations', {}, 'Annotations of the ServiceAccount.'),
  ...flagValues('agent'),

  boolean('rbac.create', true, 'Make roles and bindings for the ServiceAccounts.'),
  ...service('master', 5050),
  ...service('marathon', 8080),
  boolean('ingress.enabled', false, 'Publish master and Marathon through an Ingress.'),
  text('ingress.className', '', 'Class of the Ingress.'),
  texts('ingress.annotations', {}, 'Annotations of the Ingress.'),
  text('ingress.masterHost', 'mesos.example.com', 'Host name of the master; empty: not published.'),
  text('ingress.marathonHost', 'marathon.example.com', 'Host name of Marathon; empty: not published.'),
  objects('ingress.tls', [], 'TLS section, as in an Ingress.'),

  boolean('networkPolicy.enabled', true, 'Admit connections to the ports of controllers only, and none to agents.'),
  objects('networkPolicy.from', [], 'Who may connect to the controllers, as in a NetworkPolicy; empty: everybody.'),
  boolean('metrics.serviceMonitor.enabled', false, 'Make a ServiceMonitor; needs the Prometheus operator.'),
  text('metrics.serviceMonitor.interval', '30s', 'Time between two scrapes.'),
  texts('metrics.serviceMonitor.labels', {}, 'Labels by which your Prometheus finds it.'),
  boolean('metrics.prometheusRule.enabled', false, 'Make alerts; needs the Prometheus operator.'),
  texts('metrics.prometheusRule.labels', {}, 'Labels by which your Prometheus finds them.'),
  boolean('metrics.dashboard.enabled', false, 'Make a ConfigMap with a dashboard for Grafana’s sidecar.'),
  texts('metrics.dashboard.labels', {grafana_dashboard: '1'}, 'Labels by which Grafana finds it.'),
];
