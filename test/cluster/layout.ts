import {tmpdir} from 'node:os';
import {join} from 'node:path';

/** Clusters that may run side by side on one machine; the place in the list gives each its own addresses. */
const NAMES = ['dev', 'test', 'bench'] as const;
const NODES_AT_MOST = 15;

export type ClusterName = (typeof NAMES)[number];

export const isClusterName = (name: string): name is ClusterName => NAMES.some(each => each === name);

/** Addresses and paths of one cluster that is built on this machine. Nothing else knows them. */
export class Layout {
  readonly name: ClusterName;
  readonly runDir: string;
  readonly #index: number;

  constructor(name: ClusterName) {
    this.name = name;
    this.#index = NAMES.indexOf(name);
    this.runDir = join(tmpdir(), `mesos-cluster-${name}`);
  }

  get bridge(): string {
    return `mesos${this.#index}`;
  }

  /** The machine's own address on the bridge: the API server listens there. */
  get hostIp(): string {
    return `10.250.${this.#index}.1`;
  }

  /** All pods of all nodes. */
  get podCidr(): string {
    return `10.251.${this.#index * (NODES_AT_MOST + 1)}.0/20`;
  }

  /** Those of its nodes are below it. */
  get cgroup(): string {
    return `/mesos-cluster-${this.name}`;
  }

  /** Who uses it: a run that takes it away must not find another. */
  get ownerPath(): string {
    return `${this.runDir}.owner`;
  }

  get daemonsDir(): string {
    return join(this.runDir, 'daemons');
  }

  /** Data and secrets of the control plane. */
  get planeDir(): string {
    return join(this.runDir, 'control-plane');
  }

  get kubeconfigPath(): string {
    return join(this.runDir, 'kubeconfig');
  }

  /** Written last: a cluster without it did not come up. */
  get statePath(): string {
    return join(this.runDir, 'cluster.json');
  }

  node(number: number): NodeLayout {
    if (number < 1 || number > NODES_AT_MOST) throw new Error(`want 1 to ${NODES_AT_MOST} nodes`);
    const name = `node-${number}`;
    return {
      name,
      zone: `zone-${number}`,
      dir: join(this.runDir, name),
      ip: `10.250.${this.#index}.${10 + number}`,
      podSubnet: `10.251.${this.#index * (NODES_AT_MOST + 1) + number}.0/24`,
      link: `${this.bridge}n${number}`,
      cgroup: `${this.cgroup}/${name}`,
    };
  }
}

export type NodeLayout = {
  readonly name: string;
  readonly zone: string;
  readonly dir: string;
  readonly ip: string;
  readonly podSubnet: string;
  /** The machine's end of the cable to the node. */
  readonly link: string;
  /** Under it the kubelet keeps its pods. */
  readonly cgroup: string;
};
