import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {createConnection, type Connection} from '../../src/kube/connection.ts';
import {serviceAccountConfig} from '../../src/kube/service-account.ts';
import {VirtualClock} from '../support/virtual-clock.ts';

const IN_POD = {KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443'};

/** What Kubernetes mounts into a pod. */
function mount(t: ExecutionContext): {folder: string; token: (text: string) => void} {
  const folder = mkdtempSync(join(tmpdir(), 'mesos-account-'));
  t.teardown(() => rmSync(folder, {recursive: true, force: true}));
  writeFileSync(join(folder, 'ca.crt'), 'an authority');
  const token = (text: string): void => writeFileSync(join(folder, 'token'), text);
  token('first\n');
  return {folder, token};
}

async function endpointOf(connection: Connection) {
  const endpoint = await connection.endpoint();
  if (!endpoint.ok) throw new Error(JSON.stringify(endpoint.error));
  return {url: endpoint.value.url.href, authorization: endpoint.value.headers['Authorization']};
}

test('a pod finds its API server by address, trusts the mounted authority and shows its token', async t => {
  const config = await serviceAccountConfig(IN_POD, mount(t).folder);
  const options = {};
  await config?.applyToHTTPSOptions(options);
  t.deepEqual(config?.getCurrentCluster(), {server: 'https://10.96.0.1:443'});
  t.deepEqual(options, {ca: 'an authority', headers: {Authorization: 'Bearer first'}});
});

test('a token that was replaced is used within seconds', async t => {
  const {folder, token} = mount(t);
  const clock = new VirtualClock();
  const connection = createConnection(async () => {
    const config = await serviceAccountConfig(IN_POD, folder);
    if (config === undefined) throw new Error('not in a pod');
    return config;
  }, clock);
  t.deepEqual(await endpointOf(connection), {url: 'https://10.96.0.1/', authorization: 'Bearer first'});
  token('second');
  await clock.advanceAsync(11_000);
  t.deepEqual(await endpointOf(connection), {url: 'https://10.96.0.1/', authorization: 'Bearer second'});
});

test('an IPv6 address is written as URLs want it', async t => {
  const config = await serviceAccountConfig({...IN_POD, KUBERNETES_SERVICE_HOST: 'fd00::1'}, mount(t).folder);
  t.is(config?.getCurrentCluster()?.server, 'https://[fd00::1]:443');
});

test('outside of a pod, or without a token, there is no such connection', async t => {
  t.is(await serviceAccountConfig({}, mount(t).folder), undefined);
  t.is(await serviceAccountConfig(IN_POD, '/nowhere'), undefined);
});
