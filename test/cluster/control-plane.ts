import {generateKeyPairSync, randomBytes, randomInt} from 'node:crypto';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {generate} from 'selfsigned';
import {stringify} from 'yaml';
import {createKubeClient} from '../../src/kube/client.ts';
import {silentLogger} from '../../src/kube/log.ts';
import {systemClock, systemRandom} from '../../src/kube/system-clock.ts';
import {binaryPath} from './binaries.ts';
import type {Daemons} from './daemon.ts';

const LOOPBACK = '127.0.0.1';
/** For peers in benchmarks, and for deletions of namespaces that would wait for each other: the defaults are 20 and 30. */
const RATES = {'kube-api-qps': '1000', 'kube-api-burst': '1000'};
/** A node's lease is renewed every 5 s (built-node.ts); the default here is 50 s. */
const NODE_GRACE = '20s';

/** Who wrote what in which order: the only witness that can tell that two leaders never wrote at once. */
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  omitManagedFields: true,
  rules: [
    {level: 'None', verbs: ['get', 'list', 'watch']},
    {level: 'None', userGroups: ['system:nodes']},
    {level: 'Request', resources: [{group: 'coordination.k8s.io', resources: ['leases']}]},
    {level: 'Metadata', resources: [{group: ''}, {group: 'mesos.dev'}]},
    {level: 'None'},
  ],
};

export const auditLogPath = (dir: string): string => join(dir, 'audit.log');

export type ControlPlane = {
  /** Where the API server listens. */
  readonly url: string;
  /** Of an administrator. */
  readonly kubeconfig: string;
  /** For a kubelet of that name. */
  readonly kubeletConfig: (node: string) => string;
  readonly proxyConfig: string;
  /** PEM; who signed the certificate that the API server shows to kubelets. */
  readonly clientCa: string;
};

export const CONTROL_PLANE = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;

/**
 * etcd, kube-apiserver, kube-controller-manager and kube-scheduler as daemons.
 *
 * @param dir   for their data and secrets
 * @param ip    where the API server listens; nodes must reach it
 * @param nodes names of the nodes that may join
 * @throws      when a build or a start fails or the signal aborts; the caller stops the daemons
 */
export async function startControlPlane(
  daemons: Daemons,
  dir: string,
  ip: string,
  nodes: readonly string[],
  signal: AbortSignal,
): Promise<ControlPlane> {
  // One after the other: each build uses all cores.
  for (const name of CONTROL_PLANE) await binaryPath(name, signal);
  await mkdir(dir, {recursive: true});
  const tokens = await writeTokens(dir, nodes);
  const clientCa = await writeKeys(dir);
  const etcdUrl = await startEtcd(daemons, dir);
  signal.throwIfAborted();
  const url = `https://${ip}:${ip === LOOPBACK ? await freePort() : 6443}`;
  const ca = await startApiServer(daemons, dir, etcdUrl, new URL(url));
  const configFor = (user: string): string => kubeconfig(url, ca, user, tokens.get(user) ?? '');
  const admin = join(dir, 'admin.kubeconfig');
  await writeFile(admin, configFor('admin'), {mode: 0o600});
  await untilReady(daemons, admin);
  signal.throwIfAborted();
  await startManager(daemons, dir, admin);
  await startScheduler(daemons, dir, configFor('system:kube-scheduler'));
  return {
    url,
    kubeconfig: configFor('admin'),
    kubeletConfig: node => configFor(`system:node:${node}`),
    proxyConfig: configFor('system:kube-proxy'),
    clientCa,
  };
}

async function startEtcd(daemons: Daemons, dir: string): Promise<string> {
  const [clients, peers] = await Promise.all([freePort(), freePort()]);
  const [clientUrl, peerUrl] = [`http://${LOOPBACK}:${clients}`, `http://${LOOPBACK}:${peers}`];
  await start(daemons, 'etcd', {
    'data-dir': join(dir, 'etcd'),
    'listen-client-urls': clientUrl,
    'advertise-client-urls': clientUrl,
    'listen-peer-urls': peerUrl,
    'initial-advertise-peer-urls': peerUrl,
    'initial-cluster': `default=${peerUrl}`,
    'log-level': 'warn',
    'unsafe-no-fsync': 'true',
  });
  await daemons.until('etcd', 'etcd answers', async () => (await fetch(`${clientUrl}/health`)).ok);
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

/** Returns the certificate, in PEM, that its clients trust. */
async function startApiServer(daemons: Daemons, dir: string, etcdUrl: string, url: URL): Promise<Buffer> {
  const certificates = join(dir, 'certificates');
  await writeFile(join(dir, 'audit-policy.yaml'), stringify(AUDIT_POLICY));
  await start(daemons, 'kube-apiserver', {
    'etcd-servers': etcdUrl,
    'bind-address': url.hostname,
    'advertise-address': url.hostname,
    'secure-port': url.port,
    // It makes its own certificate there, for this address, 10.96.0.1 and kubernetes.default.svc.
    'cert-dir': certificates,
    'token-auth-file': join(dir, 'tokens.csv'),
    'client-ca-file': join(dir, 'clients.pem'),
    'kubelet-client-certificate': join(dir, 'kubelet-client.pem'),
    'kubelet-client-key': join(dir, 'kubelet-client.key'),
    'kubelet-preferred-address-types': 'InternalIP',
    'authorization-mode': 'Node,RBAC',
    'enable-admission-plugins': 'NodeRestriction',
    'allow-privileged': 'true',
    'audit-policy-file': join(dir, 'audit-policy.yaml'),
    'audit-log-path': auditLogPath(dir),
    'service-cluster-ip-range': '10.96.0.0/16',
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': join(dir, 'service-accounts.pub'),
    'service-account-signing-key-file': join(dir, 'service-accounts.key'),
    // The default refuses a loopback address as an endpoint.
    ...(url.hostname === LOOPBACK ? {'endpoint-reconciler-type': 'none'} : {}),
  });
  const path = join(certificates, 'apiserver.crt');
  return daemons.until('kube-apiserver', 'the API server has a certificate', () => readFile(path));
}

/** Resolves when the API server says that it is ready. */
export async function untilReady(daemons: Daemons, kubeconfigPath: string): Promise<void> {
  const client = createKubeClient({kubeconfigPath, clock: systemClock, random: systemRandom, log: silentLogger});
  await daemons.until('kube-apiserver', 'the API server is ready', async () => {
    const answer = await client.raw('GET', '/readyz');
    return answer.ok && answer.value.status === 200;
  });
}

async function startManager(daemons: Daemons, dir: string, kubeconfigPath: string): Promise<void> {
  await start(daemons, 'kube-controller-manager', {
    kubeconfig: kubeconfigPath,
    'authentication-kubeconfig': kubeconfigPath,
    'authorization-kubeconfig': kubeconfigPath,
    'leader-elect': 'false',
    'bind-address': LOOPBACK,
    'secure-port': '0',
    'service-account-private-key-file': join(dir, 'service-accounts.key'),
    'root-ca-file': join(dir, 'certificates', 'apiserver.crt'),
    'node-monitor-grace-period': NODE_GRACE,
    ...RATES,
  });
}

async function startScheduler(daemons: Daemons, dir: string, config: string): Promise<void> {
  const path = join(dir, 'scheduler.kubeconfig');
  await writeFile(path, config, {mode: 0o600});
  const configuration = {
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    clientConnection: {kubeconfig: path, qps: 1000, burst: 1000},
    leaderElection: {leaderElect: false},
  };
  await writeFile(join(dir, 'scheduler.yaml'), stringify(configuration));
  await start(daemons, 'kube-scheduler', {
    config: join(dir, 'scheduler.yaml'),
    'authentication-kubeconfig': path,
    'authorization-kubeconfig': path,
    'bind-address': LOOPBACK,
    'secure-port': '0',
  });
}

async function start(
  daemons: Daemons,
  name: (typeof CONTROL_PLANE)[number],
  flags: Readonly<Record<string, string>>,
): Promise<void> {
  const words = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  await daemons.start(name, [await binaryPath(name), ...words]);
}

/** One secret token for each user, in the file that the API server reads. Returns them by user. */
async function writeTokens(dir: string, nodes: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const groups = new Map([
    ['admin', 'system:masters'],
    ['system:kube-scheduler', ''],
    ['system:kube-proxy', ''],
    ...nodes.map(node => [`system:node:${node}`, 'system:nodes'] as const),
  ]);
  const tokens = new Map([...groups.keys()].map(user => [user, randomBytes(16).toString('hex')]));
  const lines = [...groups].map(([user, group]) => `${tokens.get(user)},${user},${user}${group && `,${group}`}\n`);
  await writeFile(join(dir, 'tokens.csv'), lines.join(''), {mode: 0o600});
  return tokens;
}

/** Keys for the tokens of service accounts, and the certificate that the API server shows to kubelets. Returns its signer's. */
async function writeKeys(dir: string): Promise<string> {
  const {publicKey, privateKey} = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: {type: 'spki', format: 'pem'},
    privateKeyEncoding: {type: 'pkcs8', format: 'pem'},
  });
  const ca = await generate([{name: 'commonName', value: 'test-cluster'}], {
    algorithm: 'sha256',
    extensions: [
      {name: 'basicConstraints', cA: true, critical: true},
      {name: 'keyUsage', keyCertSign: true, critical: true},
    ],
  });
  const subject = [
    {name: 'commonName', value: 'kube-apiserver'},
    {name: 'organizationName', value: 'system:masters'},
  ];
  const client = await generate(subject, {
    algorithm: 'sha256',
    ca: {key: ca.private, cert: ca.cert},
    extensions: [{name: 'extKeyUsage', clientAuth: true}],
  });
  const secret = {mode: 0o600};
  await writeFile(join(dir, 'service-accounts.pub'), publicKey);
  await writeFile(join(dir, 'service-accounts.key'), privateKey, secret);
  await writeFile(join(dir, 'clients.pem'), ca.cert);
  await writeFile(join(dir, 'kubelet-client.pem'), client.cert);
  await writeFile(join(dir, 'kubelet-client.key'), client.private, secret);
  return ca.cert;
}

const kubeconfig = (server: string, ca: Buffer, user: string, token: string): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'real',
    clusters: [{name: 'real', cluster: {server, 'certificate-authority-data': ca.toString('base64')}}],
    users: [{name: user, user: {token}}],
    contexts: [{name: 'real', context: {cluster: 'real', user, namespace: 'default'}}],
  });

/**
 * A port that was free a moment ago: kube-apiserver takes no 0. Not one of those that the machine gives to outgoing
 * connections: a program that is started again wants its port back.
 */
async function freePort(): Promise<number> {
  const port = randomInt(10_000, 30_000);
  const server = createServer();
  const listening = new Promise<boolean>(resolve =>
    server.once('error', () => resolve(false)).listen(port, LOOPBACK, () => resolve(true)),
  );
  if (!(await listening)) return freePort();
  await new Promise(resolve => server.close(resolve));
  return port;
}
