import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {binaryPath} from './binaries.ts';
import {removeCgroup} from './built-cgroups.ts';
import {BuiltNode, type NodeWiring} from './built-node.ts';
import {command} from './command.ts';
import {auditLogPath, type ControlPlane, type CONTROL_PLANE, startControlPlane, untilReady} from './control-plane.ts';
import {Daemons} from './daemon.ts';
import {writeImages} from './images.ts';
import type {Layout} from './layout.ts';
import {addFakeNodes} from './kwok.ts';
import {installPackages} from './packages.ts';

/** The kubelet sets these for the whole machine; they get their values back. */
const KUBELET_SETS = ['vm/overcommit_memory', 'kernel/panic', 'kernel/panic_on_oops'];

export type ControlPlaneProgram = (typeof CONTROL_PLANE)[number];

/** A Kubernetes of built binaries on this machine: a control plane on a bridge, and nodes in namespaces of their own. */
export class BuiltCluster {
  readonly layout: Layout;
  readonly nodes: readonly BuiltNode[];
  readonly #daemons: Daemons;

  constructor(layout: Layout, nodeCount: number) {
    this.layout = layout;
    this.#daemons = new Daemons(layout.daemonsDir);
    this.nodes = Array.from({length: nodeCount}, (_, index) => new BuiltNode(layout.node(index + 1), this.#daemons));
  }

  /** @throws when something does not start; then `down` takes away what did */
  async up(signal: AbortSignal): Promise<void> {
    await installPackages();
    for (const name of ['kubelet', 'kube-proxy'] as const) await binaryPath(name, signal);
    await mkdir(this.layout.runDir, {recursive: true, mode: 0o755});
    await this.#saveSettings();
    await this.#makeBridge();
    const names = this.nodes.map(({layout}) => layout.name);
    const images = writeImages(join(this.layout.runDir, 'images'));
    const plane = await startControlPlane(this.#daemons, this.layout.planeDir, this.layout.hostIp, names, signal);
    await writeFile(this.layout.kubeconfigPath, plane.kubeconfig, {mode: 0o600});
    await Promise.all(this.nodes.map(node => node.boot(this.#wiring(plane, node))));
    signal.throwIfAborted();
    await this.#connectNodes();
    for (const path of await images) await this.loadImage(path);
    await Promise.all(this.nodes.map(node => node.join(this.#wiring(plane, node))));
  }

  /** Ends and removes all that a cluster of this name ever started, also when this process did not start it. */
  async down(): Promise<void> {
    await this.#daemons.stopAll();
    if (process.getuid?.() === 0) await this.#removeNodes();
    await rm(this.layout.runDir, {recursive: true, force: true});
  }

  async #removeNodes(): Promise<void> {
    await removeCgroup(this.layout.cgroup);
    await command(['ip', 'link', 'delete', this.layout.bridge]).catch(() => undefined);
    await this.#restoreSettings();
  }

  /** Fake nodes, whose pods become Running without a process. */
  async addFakeNodes(count: number, signal: AbortSignal): Promise<void> {
    const kwok = await binaryPath('kwok', signal);
    await addFakeNodes(this.#daemons, kwok, this.layout.kubeconfigPath, count, join(this.layout.runDir, 'kwok.yaml'));
  }

  /** Loads an archive of `docker save`, or an OCI one, into every node. */
  async loadImage(path: string): Promise<void> {
    const archive = await readFile(path);
    await Promise.all(this.nodes.map(node => node.exec(['ctr', '-n', 'k8s.io', 'images', 'import', '-'], archive)));
  }

  /** Kills it and starts it again with the same arguments. */
  async restart(program: ControlPlaneProgram): Promise<void> {
    await this.kill(program);
    await this.startAgain(program);
  }

  /** Of a program that runs. */
  async pid(program: ControlPlaneProgram): Promise<number> {
    const pid = await this.#daemons.pid(program);
    if (pid === undefined) throw new Error(`${program} does not run`);
    return pid;
  }

  async kill(program: ControlPlaneProgram): Promise<void> {
    await this.#daemons.stop(program, 'SIGKILL');
  }

  async startAgain(program: ControlPlaneProgram): Promise<void> {
    await this.#daemons.again(program);
    await untilReady(this.#daemons, this.layout.kubeconfigPath);
  }

  #wiring(plane: ControlPlane, node: BuiltNode): NodeWiring {
    return {
      bridge: this.layout.bridge,
      hostIp: this.layout.hostIp,
      podCidr: this.layout.podCidr,
      kubeconfigs: {kubelet: plane.kubeletConfig(node.layout.name), proxy: plane.proxyConfig},
      clientCa: plane.clientCa,
    };
  }

  async #makeBridge(): Promise<void> {
    const {bridge, hostIp} = this.layout;
    await command(['ip', 'link', 'add', bridge, 'type', 'bridge']);
    await command(['ip', 'addr', 'add', `${hostIp}/24`, 'dev', bridge]);
    await command(['ip', 'link', 'set', bridge, 'up']);
  }

  async #connectNodes(): Promise<void> {
    for (const node of this.nodes) for (const other of this.nodes) if (node !== other) await node.reach(other.layout);
  }

  /** One line of JSON for each write that the API server was asked for. */
  get auditLogPath(): string {
    return auditLogPath(this.layout.planeDir);
  }

  get #settingsPath(): string {
    return join(this.layout.runDir, 'settings.json');
  }

  async #saveSettings(): Promise<void> {
    const values = await Promise.all(KUBELET_SETS.map(name => readFile(`/proc/sys/${name}`, 'utf8')));
    await writeFile(this.#settingsPath, JSON.stringify(KUBELET_SETS.map((name, index) => [name, values[index]])));
  }

  async #restoreSettings(): Promise<void> {
    const text = await readFile(this.#settingsPath, 'utf8').catch(() => '[]');
    for (const [name, value] of JSON.parse(text) as [string, string][]) await writeFile(`/proc/sys/${name}`, value);
  }
}
