import {arch, cpus, platform, release, totalmem} from 'node:os';
import {basename} from 'node:path';
import {NODES} from '../../kube/kinds.ts';
import type {KubeClient, KubeError, KubeObject} from '../../kube/types.ts';
import type {Clock} from '../../lib/clock.ts';
import type {Result} from '../../lib/result.ts';
import type {Amounts} from './admission.ts';

export type NodeFacts = {
  readonly name: string;
  readonly ip: string;
  readonly hostname: string;
  /** Of the kubelet-like server. */
  readonly port: number;
  /** In base units: cores, bytes, a count. */
  readonly allocatable: Amounts;
  readonly imageProgram?: string;
  readonly labels: Readonly<Record<string, string>>;
};

export type Readiness = {readonly ready: boolean; readonly reason: string; readonly message: string};

/** Creates the Node, or brings it up to date. */
export async function writeNode(
  client: KubeClient,
  facts: NodeFacts,
  readiness: Readiness,
  clock: Clock,
): Promise<Result<KubeObject, KubeError>> {
  const labels = {...facts.labels, ...labelsOf(facts)};
  const metadata = {name: facts.name, labels};
  const created = await client.create(NODES, {apiVersion: 'v1', kind: 'Node', metadata, spec: {}});
  const exists = !created.ok && created.error.kind === 'http' && created.error.reason === 'AlreadyExists';
  if (!created.ok && !exists) return created;
  if (exists) {
    const patched = await client.patch(NODES, facts.name, undefined, 'merge', {metadata: {labels}});
    if (!patched.ok) return patched;
  }
  const body = {status: statusOf(facts, readiness, new Date(clock.now()))};
  return client.patch(NODES, facts.name, undefined, 'merge', body, {subresource: 'status'});
}

const architecture = (): string => (arch() === 'x64' ? 'amd64' : arch());

const labelsOf = ({name}: NodeFacts): Record<string, string> => ({
  'kubernetes.io/hostname': name,
  'kubernetes.io/os': platform(),
  'kubernetes.io/arch': architecture(),
});

function statusOf(facts: NodeFacts, {ready, reason, message}: Readiness, now: Date) {
  const amounts = Object.fromEntries([...facts.allocatable].map(([name, amount]) => [name, quantity(name, amount)]));
  const time = `${now.toISOString().slice(0, 19)}Z`;
  const times = {lastHeartbeatTime: time, lastTransitionTime: time};
  return {
    addresses: [
      {type: 'InternalIP', address: facts.ip},
      {type: 'Hostname', address: facts.hostname},
    ],
    capacity: amounts,
    allocatable: amounts,
    conditions: [{type: 'Ready', status: ready ? 'True' : 'False', reason, message, ...times}],
    daemonEndpoints: {kubeletEndpoint: {Port: facts.port}},
    nodeInfo: {
      architecture: architecture(),
      operatingSystem: platform(),
      kernelVersion: release(),
      osImage: `${platform()} ${release()} (${cpus().length} cpus, ${Math.round(totalmem() / 2 ** 20)} MiB)`,
      containerRuntimeVersion: `${basename(facts.imageProgram ?? 'process')}://1`,
      kubeletVersion: 'v1.35.0+mesos',
      kubeProxyVersion: '',
      machineID: '',
      systemUUID: '',
      bootID: '',
    },
  };
}

const MIB = 2 ** 20;

const quantity = (name: string, amount: number): string => {
  if (name === 'cpu') return Number.isInteger(amount) ? `${amount}` : `${Math.round(amount * 1000)}m`;
  return amount >= MIB ? `${Math.floor(amount / MIB)}Mi` : `${Math.floor(amount)}`;
};
