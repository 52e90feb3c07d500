import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {stringify} from 'yaml';
import {binaryPath} from './binaries.ts';
import {makeCgroup} from './built-cgroups.ts';
import {command} from './command.ts';
import {childrenOf, type Daemons} from './daemon.ts';
import type {NodeLayout} from './layout.ts';

/** What the machine's tables of programs lack in a bare environment. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
export const PAUSE_IMAGE = 'localhost/pause:1';

/** What a node is told by its cluster. */
export type NodeWiring = {
  readonly bridge: string;
  readonly hostIp: string;
  readonly podCidr: string;
  /** For the kubelet and for kube-proxy. */
  readonly kubeconfigs: {readonly kubelet: string; readonly proxy: string};
  /** PEM of who signs the API server's certificate for kubelets. */
  readonly clientCa: string;
};

/**
 * A node on this machine: namespaces of its own for network, mounts, processes and host name, held by one process,
 * with containerd, kubelet and kube-proxy inside. When the holder ends, the kernel ends and removes all that is in them.
 */
export class BuiltNode {
  readonly layout: NodeLayout;
  readonly #daemons: Daemons;

  constructor(layout: NodeLayout, daemons: Daemons) {
    this.layout = layout;
    this.#daemons = daemons;
  }

  /** Namespaces, network and containerd: what images can be loaded into. */
  async boot(wiring: NodeWiring): Promise<void> {
    await this.#hold();
    await this.#connect(wiring);
    await makeCgroup(this.layout.cgroup);
    await this.#configure(wiring);
    await this.#startContainerd();
  }

  /** Starts what makes it a node; returns before it is Ready. */
  async join({podCidr}: NodeWiring): Promise<void> {
    const {name, ip, zone} = this.layout;
    await this.#run('kubelet', [
      await binaryPath('kubelet'),
      '--config=/var/node/kubelet.yaml',
      '--kubeconfig=/var/node/kubelet.kubeconfig',
      `--hostname-override=${name}`,
      `--node-ip=${ip}`,
      `--node-labels=topology.kubernetes.io/zone=${zone},topology.kubernetes.io/region=local`,
    ]);
    await this.#run('kube-proxy', [
      await binaryPath('kube-proxy'),
      '--kubeconfig=/var/node/proxy.kubeconfig',
      `--hostname-override=${name}`,
      '--proxy-mode=iptables',
      `--cluster-cidr=${podCidr}`,
      '--conntrack-max-per-core=0',
      '--conntrack-tcp-timeout-established=0',
      '--conntrack-tcp-timeout-close-wait=0',
      '--oom-score-adj=0',
    ]);
  }

  /** Ends kubelet and containerd; the containers run on. */
  async stopRuntime(): Promise<void> {
    for (const program of ['kubelet', 'containerd']) await this.#daemons.stop(this.#daemon(program), 'SIGKILL');
  }

  async startRuntime(): Promise<void> {
    await this.#daemons.again(this.#daemon('containerd'));
    await this.#untilContainerd();
    await this.#daemons.again(this.#daemon('kubelet'));
  }

  /** Runs a program inside the node and returns what it printed. */
  async exec(argv: readonly string[], input?: Buffer | string): Promise<string> {
    return command([...(await this.#enter()), ...argv], input);
  }

  #daemon = (program: string): string => `${this.layout.name}-${program}`;

  async #hold(): Promise<void> {
    const {dir, name} = this.layout;
    await mkdir(join(dir, 'var', 'node'), {recursive: true});
    const script = `mount --make-rshared / && hostname ${name} && mount -t tmpfs tmpfs /run && mount --bind ${dir}/var /var \
&& mkdir -p /var/lib /var/log /var/tmp /run/lock && ln -sfn /run /var/run && touch /run/booted && while :; do sleep 3600; done`;
    const namespaces = ['--net', '--mount', '--uts', '--pid', '--fork', '--kill-child', '--mount-proc'];
    await this.#daemons.start(this.#daemon('holder'), ['unshare', ...namespaces, 'sh', '-c', script]);
    await this.#daemons.until(this.#daemon('holder'), `${name} has its mounts`, async () => {
      const init = await this.#init();
      return readFile(`/proc/${init}/root/run/booted`).then(() => true);
    });
  }

  /** Process 1 of the node, under the number that it has outside. */
  async #init(): Promise<number> {
    const holder = await this.#daemons.pid(this.#daemon('holder'));
    const [init] = holder === undefined ? [] : await childrenOf(holder);
    if (init === undefined) throw new Error(`${this.layout.name} does not run`);
    return init;
  }

  async #enter(): Promise<string[]> {
    return ['nsenter', `--target=${await this.#init()}`, '--net', '--mount', '--uts', '--pid', '--wd=/', '--'];
  }

  async #run(program: string, argv: readonly string[]): Promise<void> {
    await this.#daemons.start(this.#daemon(program), [...(await this.#enter()), ...argv], {PATH});
  }

  /** A cable to the bridge; the machine and the other nodes reach its pods through its address. */
  async #connect({bridge, hostIp}: NodeWiring): Promise<void> {
    const {link, ip, podSubnet} = this.layout;
    const init = await this.#init();
    if (!(await command(['ip', '-o', 'link'])).includes(` ${link}@`)) {
      await command(['ip', 'link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', `${init}`]);
      await command(['ip', 'link', 'set', link, 'master', bridge, 'up']);
    }
    await this.exec([
      'sh',
      '-c',
      `ip link set lo up && ip addr replace ${ip}/24 dev eth0 && ip link set eth0 up \
&& ip route replace default via ${hostIp} && echo 1 > /proc/sys/net/ipv4/ip_forward`,
    ]);
    await command(['ip', 'route', 'replace', podSubnet, 'via', ip]);
  }

  /** Routes to the pods of another node. */
  async reach(other: NodeLayout): Promise<void> {
    await this.exec(['ip', 'route', 'replace', other.podSubnet, 'via', other.ip]);
  }

  async #configure(wiring: NodeWiring): Promise<void> {
    const folder = join(this.layout.dir, 'var', 'node');
    await mkdir(join(folder, 'cni'), {recursive: true});
    await writeFile(join(folder, 'kubelet.kubeconfig'), wiring.kubeconfigs.kubelet, {mode: 0o600});
    await writeFile(join(folder, 'proxy.kubeconfig'), wiring.kubeconfigs.proxy, {mode: 0o600});
    await writeFile(join(folder, 'clients.pem'), wiring.clientCa);
    await writeFile(join(folder, 'kubelet.yaml'), stringify(kubeletConfiguration(this.layout)));
    await writeFile(join(folder, 'containerd.toml'), await containerdConfig(this.layout.dir));
    await writeFile(join(folder, 'cni', '10-pods.conflist'), JSON.stringify(cniConfiguration(this.layout)));
  }

  async #startContainerd(): Promise<void> {
    await this.#run('containerd', ['containerd', '--config=/var/node/containerd.toml']);
    await this.#untilContainerd();
  }

  async #untilContainerd(): Promise<void> {
    await this.#daemons.until(this.#daemon('containerd'), `containerd of ${this.layout.name} answers`, async () =>
      this.exec(['ctr', 'version']).then(() => true),
    );
  }
}

const kubeletConfiguration = ({ip, cgroup}: NodeLayout): object => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  address: ip,
  authentication: {
    anonymous: {enabled: false},
    webhook: {enabled: true},
    x509: {clientCAFile: '/var/node/clients.pem'},
  },
  authorization: {mode: 'Webhook'},
  cgroupDriver: 'cgroupfs',
  cgroupRoot: cgroup,
  containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
  // Since 1.35 the kubelet refuses cgroup version 1 otherwise.
  failCgroupV1: false,
  failSwapOn: false,
  // A full disk of the machine is no business of the pods under test.
  evictionHard: {'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%'},
  imageGCHighThresholdPercent: 100,
  imageGCLowThresholdPercent: 99,
  serializeImagePulls: false,
  oomScoreAdj: 0,
  // So that a dead node is seen to be dead in half a minute and not in a whole one.
  nodeStatusUpdateFrequency: '5s',
  nodeLeaseDurationSeconds: 20,
  readOnlyPort: 0,
});

/** On top of an overlay there can be no other. */
async function containerdConfig(dir: string): Promise<string> {
  const below = (await command(['stat', '--file-system', '--format=%T', dir])).trim();
  return `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  # Without CAP_SYS_RESOURCE no process may lower its score, and every sandbox would fail.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "${below === 'overlayfs' ? 'native' : 'overlayfs'}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/var/node/cni"
`;
}

/** One cable a pod, no bridge: all traffic is routed, so Services need no bridge filtering. */
const cniConfiguration = ({podSubnet}: NodeLayout): object => ({
  cniVersion: '0.4.0',
  name: 'pods',
  plugins: [
    {
      type: 'ptp',
      ipam: {
        type: 'host-local',
        dataDir: '/var/lib/cni',
        ranges: [[{subnet: podSubnet}]],
        routes: [{dst: '0.0.0.0/0'}],
      },
    },
    {type: 'portmap', capabilities: {portMappings: true}},
  ],
});
