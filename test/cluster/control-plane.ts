import {spawn, type ChildProcess} from 'node:child_process';
import {generateKeyPairSync, randomBytes} from 'node:crypto';
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {stringify} from 'yaml';
import {createKubeClient} from '../../src/kube/client.ts';
import {silentLogger} from '../../src/kube/log.ts';
import {systemClock, systemRandom} from '../../src/kube/system-clock.ts';
import {eventually} from '../support/eventually.ts';
import {binaryPath} from './binaries.ts';

const IP = '127.0.0.1';
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 5_000;
const OUTPUT_KEPT = 20_000;
/** Those whose work the contract suite sees; nothing schedules or runs pods. */
const CONTROLLERS = [
  'garbage-collector-controller',
  'namespace-controller',
  'serviceaccount-controller',
  'root-ca-certificate-publisher-controller',
];

export type ControlPlane = {
  /** Of an administrator. */
  readonly kubeconfigPath: string;
  /** Ends all that was started and removes its directory. */
  readonly stop: () => Promise<void>;
};

/**
 * etcd, kube-apiserver and the controllers of kube-controller-manager on free ports of 127.0.0.1, in a directory of
 * their own; built when the cache has them not.
 *
 * @throws when a build or a start fails or the signal aborts; then nothing is left behind
 */
export async function startControlPlane(signal: AbortSignal): Promise<ControlPlane> {
  // One after the other: each build uses all cores.
  const etcdPath = await binaryPath('etcd', signal);
  const apiServerPath = await binaryPath('kube-apiserver', signal);
  const managerPath = await binaryPath('kube-controller-manager', signal);
  const dir = await mkdtemp(join(tmpdir(), 'mesos-control-plane-'));
  const programs: Program[] = [];
  const stop = async (): Promise<void> => {
    for (const program of programs.toReversed()) await program.stop();
    await rm(dir, {recursive: true, force: true});
  };
  const start = (path: string, flags: Flags): Program => {
    signal.throwIfAborted();
    const program = new Program(path, flags);
    programs.push(program);
    return program;
  };
  try {
    const etcdUrl = await startEtcd(dir, flags => start(etcdPath, flags));
    const kubeconfigPath = await startApiServer(dir, etcdUrl, flags => start(apiServerPath, flags));
    await startManager(dir, kubeconfigPath, flags => start(managerPath, flags));
    return {kubeconfigPath, stop};
  } catch (error) {
    await stop();
    throw error;
  }
}

type Flags = Readonly<Record<string, string>>;
type Start = (flags: Flags) => Program;

async function startEtcd(dir: string, start: Start): Promise<string> {
  const [clients, peers] = await Promise.all([freePort(), freePort()]);
  const [clientUrl, peerUrl] = [`http://${IP}:${clients}`, `http://${IP}:${peers}`];
  const etcd = start({
    'data-dir': join(dir, 'etcd'),
    'listen-client-urls': clientUrl,
    'advertise-client-urls': clientUrl,
    'listen-peer-urls': peerUrl,
    'initial-advertise-peer-urls': peerUrl,
    'initial-cluster': `default=${peerUrl}`,
    'log-level': 'warn',
    'unsafe-no-fsync': 'true',
  });
  await etcd.until('etcd answers', async () => (await fetch(`${clientUrl}/health`)).ok);
  await age(clientUrl);
  return clientUrl;
}

/** Moves the revision on, so that a version of 1 is older than what any watch cache remembers. */
async function age(etcdUrl: string): Promise<void> {
  const key = Buffer.from('age').toString('base64');
  for (const value of ['', 'MQ==', 'Mg==']) {
    const answer = await fetch(`${etcdUrl}/v3/kv/put`, {method: 'POST', body: JSON.stringify({key, value})});
    if (!answer.ok) throw new Error(`etcd: ${answer.status} ${await answer.text()}`);
  }
}

/** Returns the path of the administrator's kubeconfig. */
async function startApiServer(dir: string, etcdUrl: string, start: Start): Promise<string> {
  const port = await freePort();
  const token = randomBytes(16).toString('hex');
  const certificates = join(dir, 'certificates');
  await mkdir(certificates);
  await writeFile(join(dir, 'tokens.csv'), `${token},admin,admin,system:masters\n`, {mode: 0o600});
  await writeServiceAccountKeys(dir);
  const server = start({
    'etcd-servers': etcdUrl,
    'bind-address': IP,
    'advertise-address': IP,
    'secure-port': `${port}`,
    // It makes its own certificate there.
    'cert-dir': certificates,
    'token-auth-file': join(dir, 'tokens.csv'),
    'authorization-mode': 'Node,RBAC',
    'enable-admission-plugins': 'NodeRestriction',
    'allow-privileged': 'true',
    'service-cluster-ip-range': '10.96.0.0/16',
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': join(dir, 'service-accounts.pub'),
    'service-account-signing-key-file': join(dir, 'service-accounts.key'),
    // The default refuses a loopback address as an endpoint.
    'endpoint-reconciler-type': 'none',
  });
  const certificatePath = join(certificates, 'apiserver.crt');
  const ca = await server.until('the API server has a certificate', () => readFile(certificatePath));
  const kubeconfigPath = join(dir, 'kubeconfig');
  await writeFile(kubeconfigPath, kubeconfig(`https://${IP}:${port}`, ca, token), {mode: 0o600});
  const client = createKubeClient({kubeconfigPath, clock: systemClock, random: systemRandom, log: silentLogger});
  await server.until('the API server is ready', async () => {
    const answer = await client.raw('GET', '/readyz');
    return answer.ok && answer.value.status === 200;
  });
  return kubeconfigPath;
}

async function startManager(dir: string, kubeconfigPath: string, start: Start): Promise<void> {
  start({
    kubeconfig: kubeconfigPath,
    'authentication-kubeconfig': kubeconfigPath,
    'authorization-kubeconfig': kubeconfigPath,
    controllers: CONTROLLERS.join(','),
    'leader-elect': 'false',
    'bind-address': IP,
    'secure-port': '0',
    'service-account-private-key-file': join(dir, 'service-accounts.key'),
    'root-ca-file': join(dir, 'certificates', 'apiserver.crt'),
    // The defaults, 20 and 30, would make deletions of namespaces wait for each other.
    'kube-api-qps': '500',
    'kube-api-burst': '1000',
  });
}

async function writeServiceAccountKeys(dir: string): Promise<void> {
  const {publicKey, privateKey} = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: {type: 'spki', format: 'pem'},
    privateKeyEncoding: {type: 'pkcs8', format: 'pem'},
  });
  await writeFile(join(dir, 'service-accounts.pub'), publicKey);
  await writeFile(join(dir, 'service-accounts.key'), privateKey, {mode: 0o600});
}

const kubeconfig = (server: string, ca: Buffer, token: string): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'real',
    clusters: [{name: 'real', cluster: {server, 'certificate-authority-data': ca.toString('base64')}}],
    users: [{name: 'admin', user: {token}}],
    contexts: [{name: 'real', context: {cluster: 'real', user: 'admin', namespace: 'default'}}],
  });

/** A process of the control plane, with the end of its output for when it fails. */
class Program {
  readonly #path: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #output = '';

  constructor(path: string, flags: Flags) {
    this.#path = path;
    const argv = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
    this.#child = spawn(path, argv, {stdio: ['ignore', 'pipe', 'pipe']});
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.#output = (this.#output + chunk.toString()).slice(-OUTPUT_KEPT)));
    this.#ended = new Promise(resolve => this.#child.once('exit', resolve).once('error', resolve));
  }

  get #isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What `look` finds; throws with the output when the program ends before or the time is over. */
  async until<T>(what: string, look: () => Promise<T>): Promise<Exclude<T, undefined | false | null>> {
    const ended = this.#ended.then(() => Promise.reject(new Error(`${this.#path} ended`)));
    try {
      return await Promise.race([eventually(what, look, READY_WITHIN_MS), ended]);
    } catch (error) {
      throw new Error(`not seen: ${what}\n${this.#output}`, {cause: error});
    }
  }

  async stop(): Promise<void> {
    if (!this.#isRunning) return;
    this.#child.kill('SIGTERM');
    const inTime = await Promise.race([this.#ended.then(() => true), wait(STOP_WITHIN_MS, false, {ref: false})]);
    if (inTime === true) return;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

/** A port that was free a moment ago: kube-apiserver takes no 0. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, IP, resolve));
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
