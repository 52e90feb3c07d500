import {readFile} from 'node:fs/promises';
import type {KubeClient, ResourceKind} from '../../src/kube/types.ts';
import {MARATHON_APPS} from '../../src/crds/marathon-app.ts';
import {MESOS_AGENTS, type MesosAgent} from '../../src/crds/mesos-agent.ts';
import type {Pod} from '../../src/controller/mesos/pods/pod.ts';
import {PODS} from '../../src/kube/kinds.ts';
import type {BuiltCluster} from '../cluster/built-cluster.ts';
import {eventually} from '../support/eventually.ts';
import type {Calls, Contender, Usage} from './cluster-race.ts';

const NAMESPACE = 'default';
const NAME = 'racer';
const MANAGED = 'mesos.dev/managed=true';
const DEPLOYMENTS: ResourceKind = {
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  kind: 'Deployment',
  namespaced: true,
};
const GONE_WITHIN_MS = 300_000;
const TICKS_PER_SECOND = 100;
const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE', 'create', 'update', 'patch', 'delete']);
/** Kept up whether or not anything is brought up. */
const HEARTBEATS = new Set(['leases', 'nodes']);
const IS_KWOK = /resource="pods".*subresource="status".*verb="PATCH"/;

const LABELS = {app: NAME};

/** What a template of pods says. */
export type Template = {readonly metadata: object; readonly spec: object};

/** The least that can be said of a pod of this size. */
export const BARE: Template = {
  metadata: {labels: LABELS},
  spec: {
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    tolerations: [{operator: 'Exists'}],
    containers: [{name: 'task', image: 'none', resources: {requests: {cpu: '10m', memory: '16Mi'}}}],
  },
};

/** A template of what a task's pod says, except what only one pod can say. */
function templateOf({metadata, spec}: Pod): Template {
  const {nodeName: _node, restartPolicy: _policy, containers: all = [], ...rest} = spec ?? {};
  const containers = all.map(({ports: _ports, ...container}) => container);
  return {
    metadata: {
      labels: {...LABELS, ...without(metadata.labels, 'mesos.dev/managed')},
      annotations: metadata.annotations,
    },
    spec: {...rest, containers, tolerations: [{operator: 'Exists'}], terminationGracePeriodSeconds: 0},
  };
}

const without = (labels: Readonly<Record<string, string>> = {}, key: string): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => name !== key));

/** Of processes, all in all. */
export async function usageOf(pids: readonly number[]): Promise<Usage> {
  let [ticks, rssKb] = [0, 0];
  for (const pid of pids) {
    const stat = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ');
    ticks += Number(stat[11]) + Number(stat[12]);
    rssKb += Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  }
  return {cpuSeconds: ticks / TICKS_PER_SECOND, rssMb: rssKb / 1024};
}

/** A Deployment, brought up by kube-controller-manager and kube-scheduler. */
export async function deploymentContender(
  name: string,
  cluster: BuiltCluster,
  client: KubeClient,
  templateNow: () => Template,
): Promise<Contender> {
  const pids = await Promise.all(
    (['kube-controller-manager', 'kube-scheduler'] as const).map(program => cluster.pid(program)),
  );
  return {
    name,
    selector: `app=${NAME}`,
    apply: async instances => {
      const template = templateNow();
      const spec = {replicas: instances, selector: {matchLabels: LABELS}, template};
      await must(
        client.create(DEPLOYMENTS, {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: {name: NAME, namespace: NAMESPACE},
          spec,
        }),
      );
    },
    remove: async () => void (await must(client.delete(DEPLOYMENTS, NAME, NAMESPACE))),
    calls: () => requestsSeen(client),
    usage: () => usageOf(pids),
  };
}

/** A MarathonApp, brought up by our controller. */
export async function appContender(
  pid: number,
  mesosUrl: string,
  client: KubeClient,
  agents: number,
  seen: (template: Template) => void,
): Promise<Contender> {
  await eventually(
    `${agents} agents registered`,
    async () => {
      const list = await client.list<MesosAgent>(MESOS_AGENTS, {namespace: NAMESPACE});
      return (
        list.ok &&
        list.value.items.filter(({status}) =>
          status?.conditions?.some(({type, status: value}) => type === 'Ready' && value === 'True'),
        ).length >= agents
      );
    },
    120_000,
  );
  return {
    name: 'MarathonApp',
    selector: MANAGED,
    apply: async instances => {
      const spec = {cmd: 'sleep 1000000', cpus: 0.01, mem: 16, instances, taskKillGracePeriodSeconds: 0};
      await must(
        client.create(MARATHON_APPS, {
          apiVersion: 'mesos.dev/v1',
          kind: 'MarathonApp',
          metadata: {name: NAME, namespace: NAMESPACE},
          spec,
        }),
      );
    },
    remove: async () => {
      await eventually('the app is gone', () => isGone(client), GONE_WITHIN_MS);
    },
    allRun: async () => {
      const pods = await must(client.list<Pod>(PODS, {namespace: NAMESPACE, labelSelector: MANAGED, limit: 1}));
      const [pod] = pods.items;
      if (pod !== undefined) seen(templateOf(pod));
    },
    calls: async () =>
      count(await (await fetch(`${mesosUrl}/metrics`)).text(), 'mesos_kube_requests_total', 'verb', 'resource'),
    usage: () => usageOf([pid]),
  };
}

/** Asked for again and again: a deletion that is under way does not mind. */
async function isGone(client: KubeClient): Promise<boolean> {
  await client.delete(MARATHON_APPS, NAME, NAMESPACE);
  const found = await client.get(MARATHON_APPS, NAME, NAMESPACE);
  return !found.ok && found.error.kind === 'http' && found.error.status === 404;
}

async function must<T>(answer: Promise<{ok: true; value: T} | {ok: false; error: unknown}>): Promise<T> {
  const result = await answer;
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** Sums of a counter in Prometheus's text form, heartbeats left out. */
function count(text: string, metric: string, verbLabel: string, resourceLabel: string): Calls {
  let [all, writes] = [0, 0];
  for (const line of text.split('\n')) {
    const [, labels = '', value = '0'] = new RegExp(`^${metric}\\{(.*)\\} (\\S+)$`).exec(line) ?? [];
    if (labels === '' || HEARTBEATS.has(labelOf(labels, resourceLabel))) continue;
    all += Number(value);
    if (WRITES.has(labelOf(labels, verbLabel))) writes += Number(value);
  }
  return {all, writes};
}

const labelOf = (labels: string, name: string): string =>
  new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? '';

/** What the API server was asked for by anybody, without heartbeats and without kwok, which patches the pods' status. */
async function requestsSeen(client: KubeClient): Promise<Calls> {
  const answer = await client.raw('GET', '/metrics');
  if (!answer.ok || answer.value.status !== 200) throw new Error('no metrics of the API server');
  const lines = answer.value.text.split('\n').filter(line => !IS_KWOK.test(line));
  return count(lines.join('\n'), 'apiserver_request_total', 'verb', 'resource');
}
