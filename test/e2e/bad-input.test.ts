import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {execFile} from 'node:child_process';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {eventually} from '../support/eventually.ts';
import {type Json, Standalone} from '../support/standalone.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/mesos.js', import.meta.url));

/** Runs the standalone with flags that it must refuse. */
const refused = (flags: readonly string[]): Promise<{code: number; stderr: string}> =>
  new Promise(resolve => {
    execFile(process.execPath, [PROGRAM, 'standalone', ...flags], {timeout: 60_000}, (error, _stdout, stderr) =>
      resolve({code: Number(error?.code ?? 0), stderr}),
    );
  });

test.serial('an unknown flag stops the start and names the one that was meant', async t => {
  const {code, stderr} = await refused(['--marathon-prot=1']);
  t.is(code, 2);
  t.regex(stderr, /--marathon-prot: there is no such flag.*marathon_port/);
});

/** 2: the command line is wrong. 1: the machine has not what it asks for. */
const wrong: Readonly<Record<string, readonly [number, RegExp]>> = {
  '--agent-resources=cpus': [2, /--agent_resources: .*want <name>:<value>, got "cpus"/],
  '--agent-attributes=rack': [2, /--agent_attributes: .*want NAME:VALUE, got "rack"/],
  '--ip=192.0.2.1': [1, /--ip: 192\.0\.2\.1 is not an address of this machine/],
};
for (const [flag, [exitCode, want]] of Object.entries(wrong)) {
  test.serial(`${flag} stops the start before anything runs`, async t => {
    const folder = await mkdtemp(join(tmpdir(), 'mesos-e2e-'));
    t.teardown(() => rm(folder, {recursive: true, force: true}));
    const {code, stderr} = await refused([`--data-dir=${folder}`, '--api-port=0', flag]);
    t.is(code, exitCode);
    t.regex(stderr, want);
  });
}

test.serial('a port in use stops the start and is named with its flag', async t => {
  const taken = createServer();
  await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve));
  t.teardown(() => taken.close());
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const folder = await mkdtemp(join(tmpdir(), 'mesos-e2e-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  for (const flag of ['--api-port', '--mesos-port', '--marathon-port']) {
    const ports = ['--api-port', '--mesos-port', '--marathon-port'].map(name => `${name}=${name === flag ? port : 0}`);
    const {code, stderr} = await refused([`--data-dir=${folder}`, ...ports]);
    t.is(code, 1, stderr);
    t.regex(stderr, new RegExp(`${flag}.*${port}.*in use`));
  }
});

test.serial('a data directory that cannot be written stops the start and is named', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'mesos-e2e-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  await writeFile(join(folder, 'file'), '');
  const {code, stderr} = await refused([`--data-dir=${join(folder, 'file', 'below')}`]);
  t.is(code, 1);
  t.regex(stderr, /--data-dir.*file\/below/);
});

test.serial('two standalones do not share a data directory', async t => {
  const system = await Standalone.start(t, ['--agents=1']);
  const {code, stderr} = await refused([
    `--data-dir=${system.dataDir}`,
    '--api-port=0',
    '--mesos-port=0',
    '--marathon-port=0',
  ]);
  t.is(code, 1);
  t.regex(stderr, /--data-dir/);
});

test.serial('what /v2 refuses changes nothing and says why', async t => {
  const system = await Standalone.start(t, ['--agents=1', '--agent-resources=cpus:2;mem:1024;disk:1024']);
  const post = (body: unknown) => system.marathon('POST', '/v2/apps', body);

  const broken = await post('{"id": ');
  t.is(broken.status, 400);
  t.is(broken.body['message'], 'Invalid JSON');

  const rows: [title: string, body: Json, message: string, path: string, error: string | RegExp][] = [
    ['capitals', {id: '/Capitals', cmd: 'x'}, 'Invalid JSON', '/id', 'error.pattern'],
    ['negative cpus', {id: 'a', cmd: 'x', cpus: -1}, 'Invalid JSON', '/cpus', 'error.min'],
    ['no id', {cmd: 'x'}, 'Invalid JSON', '/id', 'error.path.missing'],
    [
      'cmd and args',
      {id: 'a', cmd: 'x', args: ['y']},
      'Object is not valid',
      '/',
      /^AppDefinition must either contain one of/,
    ],
    [
      'a host port above 65535',
      {id: 'a', cmd: 'x', portDefinitions: [{port: 70_000}]},
      'Invalid JSON',
      '/portDefinitions(0)/port',
      'error.max',
    ],
  ];
  for (const [title, body, message, path, error] of rows) {
    const answer = await post(body);
    t.is(answer.status, 422, title);
    t.is(answer.body['message'], message, title);
    const [detail] = answer.body['details'] as {path: string; errors: string[]}[];
    t.is(detail?.path, path, title);
    t.regex(detail?.errors[0] ?? '', error instanceof RegExp ? error : new RegExp(`^${error}$`), title);
  }
  t.deepEqual((await system.marathon('GET', '/v2/apps')).body, {apps: []});

  const unknown = await post({id: 'known', cmd: 'sleep 1000', cpus: 0.1, mem: 16, bogus: 1});
  t.is(unknown.status, 201);
  t.regex(unknown.headers.get('warning') ?? '', /bogus/);
  t.is((await post({id: 'known', cmd: 'sleep 1'})).status, 409);
});

test.serial('an app that fits on no agent waits and says what is short by how much', async t => {
  const system = await Standalone.start(t, ['--agents=1', '--agent-resources=cpus:2;mem:1024;disk:1024']);
  await system.marathon('POST', '/v2/apps', {id: 'huge', cmd: 'sleep 1', cpus: 16, mem: 16});
  const message = await eventually('a condition that names cpus', async () => {
    const condition = await progressing(system, 'huge');
    return condition?.includes('cpus') ? condition : undefined;
  });
  t.regex(message, /16/);
  t.regex(message, /2/);

  await system.marathon('POST', '/v2/apps', {
    id: 'port',
    cmd: 'sleep 1',
    cpus: 0.1,
    mem: 16,
    requirePorts: true,
    portDefinitions: [{port: 80}],
  });
  const ports = await eventually('a condition that names the port', async () => {
    const condition = await progressing(system, 'port');
    return condition?.includes('80') ? condition : undefined;
  });
  t.regex(ports, /port/);
});

async function progressing(system: Standalone, name: string): Promise<string | undefined> {
  const {createKubeClient} = await import('../../src/kube/client.ts');
  const {silentLogger} = await import('../../src/kube/log.ts');
  const {systemClock} = await import('../../src/kube/system-clock.ts');
  const {MARATHON_APPS} = await import('../../src/crds/marathon-app.ts');
  const client = createKubeClient({kubeconfigPath: system.at.kubeconfig, log: silentLogger, clock: systemClock});
  const app = await client.get<{status?: {conditions?: {type: string; message: string}[]}}>(
    MARATHON_APPS,
    name,
    'default',
  );
  return app.ok
    ? app.value.status?.conditions?.find(condition => condition.type === 'Progressing')?.message
    : undefined;
}
