import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {createKubeClient} from '../../src/kube/client.ts';
import {NODES} from '../../src/kube/kinds.ts';
import {silentLogger} from '../../src/kube/log.ts';
import {systemClock, systemRandom} from '../../src/kube/system-clock.ts';
import type {KubeObject} from '../../src/kube/types.ts';
import {eventually} from '../support/eventually.ts';
import {BuiltCluster, type ControlPlaneProgram} from './built-cluster.ts';
import {command} from './command.ts';
import {startControlPlane} from './control-plane.ts';
import {Daemons} from './daemon.ts';
import {type ClusterName, Layout} from './layout.ts';

const KIND_CONFIG = fileURLToPath(new URL('../../kind-config.yaml', import.meta.url));

/** What a test may do to a node. */
export type TestNode = {
  readonly name: string;
  readonly ip: string;
  /** Runs a program in the node's namespaces; returns what it printed. */
  readonly exec: (argv: readonly string[], input?: Buffer | string) => Promise<string>;
  /** Ends kubelet and containerd; the containers run on. */
  readonly stopRuntime: () => Promise<void>;
  readonly startRuntime: () => Promise<void>;
};

/** What a test may do to the control plane. */
export type Faults = {
  readonly kill: (program: ControlPlaneProgram) => Promise<void>;
  readonly startAgain: (program: ControlPlaneProgram) => Promise<void>;
};

/** A running Kubernetes. One that was given has no nodes to enter and takes no images. */
export type TestCluster = {
  readonly provider: Provider;
  readonly kubeconfigPath: string;
  readonly nodes: readonly TestNode[];
  readonly faults?: Faults;
  /** Of the API server: one line of JSON for each write. */
  readonly auditLogPath?: string;
  /** An archive of `docker save`, or an OCI one. */
  readonly loadImage?: (path: string) => Promise<void>;
};

/** `control-plane`: all that somebody who is not root can have; it has no nodes. */
export type Provider = 'given' | 'kind' | 'built' | 'control-plane';
type State = {
  readonly provider: Provider;
  readonly name: ClusterName;
  readonly nodeCount: number;
  readonly kubeconfigPath: string;
};

export type UpOptions = {
  readonly name: ClusterName;
  readonly nodeCount: number;
  readonly signal: AbortSignal;
  /** A kubeconfig to use instead of making a cluster. */
  readonly given?: string;
};

/** Brings one up with what the machine has; one that is up already is returned as it is. */
export async function up(options: UpOptions): Promise<TestCluster> {
  const layout = new Layout(options.name);
  const running = await open(layout.statePath);
  if (running !== undefined) return running;
  await down(options.name);
  const state = await make(layout, options);
  const cluster = await openState(state);
  await untilNodesReady(cluster);
  await writeFile(layout.statePath, JSON.stringify(state));
  return cluster;
}

async function make(layout: Layout, {name, nodeCount, signal, given}: UpOptions): Promise<State> {
  await mkdir(layout.runDir, {recursive: true});
  const state = {name, nodeCount, kubeconfigPath: layout.kubeconfigPath};
  if (given !== undefined) return {...state, provider: 'given', kubeconfigPath: given};
  if (await kindAnswers()) {
    await createKind(layout);
    return {...state, provider: 'kind'};
  }
  if (process.getuid?.() === 0) {
    await new BuiltCluster(layout, nodeCount).up(signal);
    return {...state, provider: 'built'};
  }
  console.error('no engine for kind, and not root: a control plane without nodes; suites that need nodes are skipped');
  const plane = await startControlPlane(new Daemons(layout.daemonsDir), layout.planeDir, '127.0.0.1', [], signal);
  await writeFile(layout.kubeconfigPath, plane.kubeconfig, {mode: 0o600});
  return {...state, provider: 'control-plane'};
}

async function untilNodesReady({kubeconfigPath, nodes}: TestCluster): Promise<void> {
  const client = createKubeClient({kubeconfigPath, clock: systemClock, random: systemRandom, log: silentLogger});
  await eventually(`${nodes.length} nodes are Ready`, async () => {
    const list = await client.list<KubeObject<unknown, NodeStatus>>(NODES, {});
    const ready = list.ok ? list.value.items.filter(isReady) : [];
    return ready.length >= nodes.length;
  });
}

type NodeStatus = {readonly conditions?: readonly {readonly type: string; readonly status: string}[]};

const isReady = ({status}: KubeObject<unknown, NodeStatus>): boolean =>
  (status?.conditions ?? []).some(({type, status: value}) => type === 'Ready' && value === 'True');

/** Takes away all that `up` under this name made, also what was left of one that crashed. */
export async function down(name: ClusterName): Promise<void> {
  const layout = new Layout(name);
  if (await kindAnswers()) await command(['kind', 'delete', 'cluster', '--name', kindName(layout)]);
  await new BuiltCluster(layout, 0).down();
}

/** The cluster that a state file tells of; undefined when there is none. */
export async function open(statePath: string): Promise<TestCluster | undefined> {
  const text = await readFile(statePath, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : openState(JSON.parse(text) as State);
}

async function openState({provider, name, nodeCount, kubeconfigPath}: State): Promise<TestCluster> {
  const layout = new Layout(name);
  if (provider === 'given' || provider === 'control-plane') return {provider, kubeconfigPath, nodes: []};
  if (provider === 'kind') return {...(await openKind(layout)), provider, kubeconfigPath};
  const cluster = new BuiltCluster(layout, nodeCount);
  return {
    provider,
    kubeconfigPath,
    nodes: cluster.nodes.map(node => ({
      name: node.layout.name,
      ip: node.layout.ip,
      exec: (argv, input) => node.exec(argv, input),
      stopRuntime: () => node.stopRuntime(),
      startRuntime: () => node.startRuntime(),
    })),
    faults: {kill: program => cluster.kill(program), startAgain: program => cluster.startAgain(program)},
    auditLogPath: cluster.auditLogPath,
    loadImage: path => cluster.loadImage(path),
  };
}

const kindName = ({name}: Layout): string => `mesos-${name}`;

/** kind, and an engine for it: a docker client alone is not one. */
async function kindAnswers(): Promise<boolean> {
  const answers = (argv: readonly string[]): Promise<boolean> =>
    command(argv).then(
      () => true,
      () => false,
    );
  return (
    (await answers(['kind', 'version'])) && ((await answers(['docker', 'info'])) || (await answers(['podman', 'info'])))
  );
}

async function createKind(layout: Layout): Promise<void> {
  const name = ['--name', kindName(layout)];
  await command(['kind', 'create', 'cluster', ...name, '--config', KIND_CONFIG, '--kubeconfig', layout.kubeconfigPath]);
}

async function openKind(layout: Layout): Promise<Pick<TestCluster, 'nodes' | 'loadImage'>> {
  const names = (await command(['kind', 'get', 'nodes', '--name', kindName(layout)])).trim().split('\n');
  const engine = await command(['docker', 'info']).then(
    () => 'docker',
    () => 'podman',
  );
  const workers = names.filter(name => !name.endsWith('-control-plane')).toSorted();
  const nodes = await Promise.all(workers.map(name => kindNode(engine, name)));
  return {
    nodes,
    loadImage: async path => {
      await command(['kind', 'load', 'image-archive', path, '--name', kindName(layout)]);
    },
  };
}

async function kindNode(engine: string, name: string): Promise<TestNode> {
  const exec: TestNode['exec'] = (argv, input) => command([engine, 'exec', '--interactive', name, ...argv], input);
  const runtime = async (verb: string): Promise<void> => {
    await exec(['systemctl', verb, 'kubelet', 'containerd']);
  };
  const [ip = ''] = (await exec(['hostname', '-I'])).trim().split(' ');
  return {name, ip, exec, stopRuntime: () => runtime('stop'), startRuntime: () => runtime('start')};
}
