import {spawn} from 'node:child_process';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import registerTest, {type ExecutionContext} from 'ava';
import {eventually} from '../support/eventually.ts';
import {kubectlFor, kubectlPath, type Run} from '../support/kubectl.ts';
import {Standalone} from '../support/standalone.ts';

// These checks run wherever a kubectl is found, and in CI always (test/support/kubectl.ts refuses to go on without one there).
const test = kubectlPath === undefined ? () => undefined : registerTest.serial;
registerTest('a kubectl to test with, or not in CI', t => {
  t.true(kubectlPath !== undefined || process.env['CI'] === undefined);
});

const BASIC1 = fileURLToPath(new URL('../../examples/basic1.yaml', import.meta.url));

type Kubectl = ReturnType<typeof kubectlFor>;

async function cluster(
  t: ExecutionContext,
): Promise<{system: Standalone; kubectl: Kubectl; good: (...args: string[]) => Promise<string>}> {
  const system = await Standalone.start(t, ['--agents=2']);
  const kubectl = kubectlFor(system.at.kubeconfig, join(system.dataDir, 'kubectl-cache'));
  const good = async (...args: string[]): Promise<string> => {
    const run = await kubectl(args);
    t.is(run.code, 0, `kubectl ${args.join(' ')}\n${run.stdout}${run.stderr}`);
    return run.stdout;
  };
  return {system, kubectl, good};
}

test('an app from apply to delete', async t => {
  const {system, kubectl, good} = await cluster(t);

  t.regex(await good('apply', '-f', BASIC1), /marathonapp.mesos.dev\/basic1 created/);
  t.regex(await good('apply', '-f', BASIC1), /unchanged/);
  await good('wait', '--for=condition=Available', 'marathonapp/basic1', '--timeout=30s');
  await good('wait', '--for=jsonpath={.status.tasksRunning}=1', 'mapp/basic1', '--timeout=30s');
  t.regex(await good('get', 'marathonapps'), /^NAME +INSTANCES +RUNNING +AVAILABLE +STATUS +AGE\nbasic1 +1 +1 +True/);
  t.regex(await good('get', 'mapp', '-o', 'wide'), /MESSAGE/);
  t.regex(await good('get', 'mapp', 'basic1', '-o', 'yaml'), /cmd: while true/);
  t.is(await good('get', 'mapp', 'basic1', '-o', 'jsonpath={.spec.instances}'), '1');
  t.regex(await good('get', 'mesosagents'), /True/);
  t.regex(await good('get', 'mesos'), /marathonapp.mesos.dev\/basic1/);
  t.regex(await good('get', 'all'), /pod\//);
  t.regex(await good('describe', 'mapp', 'basic1'), /Available/);

  const pod = (await good('get', 'pods', '-o', 'name')).trim();
  await eventually('the log line', async () => (await good('logs', pod)).includes('Hello marathon'));
  t.regex(await good('get', pod, '-o', 'wide'), /Running/);
  t.regex(await good('describe', pod), /Node:/);
  t.regex(await good('exec', pod, '--', 'sh', '-c', 'pwd; ls'), /stdout/);
  t.is((await kubectl(['exec', pod, '--', 'sh', '-c', 'exit 7'])).code, 7);
  const spdy = await kubectl(['exec', pod, '--', 'true'], {env: {KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false'}});
  t.regex(spdy.stderr, /KUBECTL_REMOTE_COMMAND_WEBSOCKETS=true/, 'SPDY is refused with what to do');
  const piped = await kubectl(['exec', '-i', pod, '--', 'cat'], {input: 'through\n'});
  t.is(piped.stdout, 'through\n');
  t.regex(await followOneLine(system, pod), /Hello marathon/);

  t.regex(await good('scale', 'marathonapp/basic1', '--replicas=3'), /scaled/);
  await system.untilRunning('basic1', 3);
  const editor = join(system.dataDir, 'editor.sh');
  await writeFile(editor, '#!/bin/sh\nsed -i "s/instances: 3/instances: 2/" "$1"\n', {mode: 0o755});
  const edited = await kubectl(['edit', 'mapp', 'basic1'], {env: {KUBE_EDITOR: editor}});
  t.is(edited.code, 0, edited.stderr);
  await system.untilRunning('basic1', 2);
  await good('patch', 'mapp', 'basic1', '--type=merge', '-p', '{"spec":{"instances":1}}');
  await system.untilRunning('basic1', 1);
  await good('patch', 'mapp', 'basic1', '--type=json', '-p', '[{"op":"replace","path":"/spec/instances","value":2}]');
  await system.untilRunning('basic1', 2);
  t.regex(await good('label', 'mapp', 'basic1', 'team=a'), /labeled/);
  t.regex(await good('get', 'mapp', '-l', 'team=a', '-o', 'name'), /basic1/);
  t.regex(await good('annotate', 'mapp', 'basic1', 'note=b'), /annotated/);
  t.regex(await good('events', '--for', 'marathonapp/basic1'), /basic1/i);
  t.regex(await good('get', 'events'), /basic1/);

  t.regex(await good('delete', 'mapp', 'basic1'), /deleted/);
  t.is((await kubectl(['get', 'mapp', 'basic1'])).code, 1);
  t.is((await good('get', 'pods', '-l', 'mesos.dev/managed=true', '-o', 'name')).trim(), '');
});

test('what kubectl asks of any API server', async t => {
  const {kubectl, good, system} = await cluster(t);
  t.regex(await good('version'), /Server Version/);
  t.regex(await good('cluster-info'), /127\.0\.0\.1/);
  t.regex(await good('api-resources', '--api-group=mesos.dev'), /marathonapps +mapp +mesos.dev\/v1 +true +MarathonApp/);
  t.regex(await good('api-versions'), /mesos.dev\/v1/);
  t.regex(await good('explain', 'marathonapp.spec.cmd'), /Run by `\/bin\/sh -c`/);
  t.regex(await good('explain', 'pod.spec.containers'), /FIELDS/);
  t.is((await good('auth', 'can-i', 'create', 'marathonapps')).trim(), 'yes');
  t.regex(await good('auth', 'whoami'), /Username/);
  t.regex(await good('get', 'nodes', '-o', 'wide'), /Ready/);
  await good('create', 'namespace', 'other');
  await good('create', 'configmap', 'c', '--from-literal=a=b', '-n', 'other');
  await good('create', 'secret', 'generic', 's', '--from-literal=a=b', '-n', 'other');
  t.is(await good('get', 'cm', 'c', '-n', 'other', '-o', 'jsonpath={.data.a}'), 'b');
  t.regex(await good('get', 'cm,secret', '-A'), /other/);
  await good('delete', 'namespace', 'other', '--timeout=30s');
  t.is((await kubectl(['get', 'cm', 'c', '-n', 'other'])).code, 1);

  t.regex(await good('apply', '--server-side', '-f', BASIC1), /serverside-applied/);
  const stolen = await kubectl(['apply', '--server-side', '--field-manager=other', '-f', '-'], {
    input: 'apiVersion: mesos.dev/v1\nkind: MarathonApp\nmetadata: {name: basic1}\nspec: {cpus: 0.2}\n',
  });
  t.is(stolen.code, 1);
  t.regex(stolen.stderr, /conflict/);
  const forced = await kubectl(['apply', '--server-side', '--force-conflicts', '--field-manager=other', '-f', '-'], {
    input: 'apiVersion: mesos.dev/v1\nkind: MarathonApp\nmetadata: {name: basic1}\nspec: {cpus: 0.2}\n',
  });
  t.is(forced.code, 0, forced.stderr);
  const difference = await kubectl(['diff', '-f', BASIC1]);
  t.is(difference.code, 1, difference.stderr);
  t.regex(difference.stdout, /cpus/);
  const again = await kubectl(['create', '-f', BASIC1, '--dry-run=server']);
  t.regex(again.stderr, /AlreadyExists/);
  await system.untilRunning('basic1', 1);
});

test('bad objects are refused with a reason and change nothing', async t => {
  const {kubectl} = await cluster(t);
  const apply = (spec: string, name = 'bad'): Promise<Run> =>
    kubectl(['apply', '-f', '-'], {
      input: `apiVersion: mesos.dev/v1\nkind: MarathonApp\nmetadata: {name: ${name}}\nspec: ${spec}\n`,
    });
  const rows: [string, Promise<Run>, RegExp][] = [
    ['unknown field', apply('{cmd: x, bogus: 1}'), /unknown field "spec.bogus"/],
    ['capitals', apply('{cmd: x}', 'Bad'), /Bad/],
    ['negative cpus', apply('{cmd: x, cpus: -1}'), /spec.cpus.*greater than or equal to 0/],
    ['cmd and args', apply('{cmd: x, args: [a]}'), /must either contain one of 'cmd' or 'args'/],
    ['host port', apply('{cmd: x, portDefinitions: [{port: 70000}]}'), /spec.portDefinitions\[0\].port.*65535/],
  ];
  for (const [title, running, want] of rows) {
    const run = await running;
    t.is(run.code, 1, title);
    t.regex(run.stderr, want, title);
  }
  t.regex((await kubectl(['get', 'mapp'])).stderr, /No resources found/);
});

/** `kubectl logs -f` until it has printed something. */
async function followOneLine(system: Standalone, pod: string): Promise<string> {
  const child = spawn(kubectlPath ?? 'kubectl', ['--kubeconfig', system.at.kubeconfig, 'logs', '-f', pod], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    return await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
      child.once('exit', () => reject(new Error('kubectl logs -f ended')));
    });
  } finally {
    child.kill();
  }
}
