import test from 'ava';
import {type LaunchContext, planHostProcess, planImage} from '../../../src/standalone/node/launch-plan.ts';
import type {VolumeSource} from '../../../src/standalone/node/volume-sources.ts';
import type {Container, Pod, PodSpec} from '../../../src/standalone/node/pod.ts';

const MESOS = '/mnt/mesos/sandbox';
const volumes = [
  {name: 'sandbox', emptyDir: {}},
  {name: 'cache', emptyDir: {}},
  {name: 'host', hostPath: {path: '/srv/data'}},
  {name: 'config'},
  {name: 'data', persistentVolumeClaim: {claimName: 'd'}},
  {name: 'keys', secret: {secretName: 'k'}},
];
function context(container: Partial<Container>, spec: Partial<PodSpec> = {}, isInit = false): LaunchContext {
  const whole: Container = {name: 'c', command: ['x'], ...container};
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {name: 'p', namespace: 'd', uid: 'u'},
    spec: {containers: [whole], volumes, ...spec},
  };
  return {
    pod,
    container: whole,
    isInit,
    env: new Map([['MESOS_SANDBOX', MESOS]]),
    ip: '127.0.0.1',
    hostEnv: {PATH: '/bin'},
    ownProgram: ['node', 'mesos.js'],
    runDirectory: '/run/0',
    volumesDirectory: '/volumes',
    volumes: new Map<string, VolumeSource>([
      ['data', {kind: 'directory', path: '/claims/u1'}],
      ['keys', {kind: 'files', files: new Map([['tls/key', Buffer.from('k')]])}],
    ]),
    runId: 'u/c/0',
  };
}
const plan = (...of: Parameters<typeof context>) => planHostProcess(context(...of));
const mount = (name: string, mountPath: string, subPath?: string): Partial<Container> => ({
  volumeMounts: [{name, mountPath, ...(subPath && {subPath})}],
});

test('without mounts the run directory is the sandbox', t => {
  t.like(plan({}), {cwd: '/run/0', env: {PATH: '/bin', MESOS_SANDBOX: '/run/0'}, warnings: []});
});

const directories = {
  'the sandbox volume is the run directory': {
    container: {...mount('sandbox', MESOS), workingDir: MESOS},
    want: '/run/0',
  },
  'a directory below it': {container: {...mount('sandbox', MESOS), workingDir: `${MESOS}/a`}, want: '/run/0/a'},
  'a relative one': {container: {workingDir: 'a/b'}, want: '/run/0/a/b'},
  'one in a volume': {container: {...mount('cache', '/cache'), workingDir: '/cache/x'}, want: '/volumes/cache/x'},
  'one in a part of a volume': {container: {...mount('cache', '/c', 'p'), workingDir: '/c'}, want: '/volumes/cache/p'},
  'one of the host': {container: {...mount('cache', '/cache'), workingDir: '/cachette'}, want: '/cachette'},
};
for (const [title, {container, want}] of Object.entries(directories)) {
  test(`working directory: ${title}`, t => {
    t.is(plan(container).cwd, want);
  });
}

const links = {
  'a relative mount': {container: mount('host', 'data'), want: {'/run/0/data': '/srv/data'}},
  'a mount below the sandbox': {container: mount('cache', `${MESOS}/c`), want: {'/run/0/c': '/volumes/cache'}},
  'a mount elsewhere': {container: mount('host', '/data'), want: {}},
  'a mount outside': {container: mount('host', '../data'), want: {}},
};
for (const [title, {container, want}] of Object.entries(links)) {
  test(`links: ${title}`, t => {
    t.deepEqual(Object.fromEntries(plan(container).links), want);
  });
}

test('what cannot be mounted is said', t => {
  t.is(plan(mount('host', '/data')).warnings[0]?.message.includes('cannot be mounted at /data'), true);
  t.is(plan(mount('config', '/c')).warnings[0]?.message, 'Volume config is of a type that this node does not have.');
  t.deepEqual(plan(mount('host', '/srv/data')).warnings, []);
});

const ports = [{containerPort: 80, hostPort: 31000, protocol: 'UDP'}, {containerPort: 81}];
const networks = {
  'a pod on the host has its network': {spec: {hostNetwork: true}, want: '--network host'},
  'a pod that maps host ports has its own': {spec: {}, want: '--publish 127.0.0.1:31000:80/udp'},
};
for (const [title, {spec, want}] of Object.entries(networks)) {
  test(`images: ${title}`, t => {
    const {argv} = planImage(context({image: 'i', ports}, spec), 'docker');
    t.is(argv.join(' '), `docker run --name mesos-u-c-0 ${want} -e MESOS_SANDBOX=${MESOS} --entrypoint x -- i`);
  });
}

test('a port that cannot be mapped is said', t => {
  t.deepEqual(plan({ports}).warnings, [
    {reason: 'PortNotMapped', message: "A host process has the host's network: listen on 31000 instead of 80."},
  ]);
  t.deepEqual(plan({ports}, {hostNetwork: true}).warnings, []);
});

test('init containers work in the volume that the task inherits', t => {
  const init: Container = {name: 'i', ...mount('sandbox', MESOS)};
  t.is(plan(init, {}, true).env['MESOS_SANDBOX'], '/volumes/sandbox');
  t.is(plan(mount('sandbox', MESOS), {initContainers: [init]}).inherit, '/volumes/sandbox');
  t.is(plan(mount('sandbox', MESOS)).inherit, undefined);
});

test('an init container without image and command is run by this program', t => {
  const fetch = {command: undefined, args: ['fetch']};
  t.deepEqual(plan(fetch, {}, true).argv, ['node', 'mesos.js', 'fetch']);
  t.deepEqual(plan(fetch).argv, ['fetch']);
  t.deepEqual(plan({...fetch, command: ['sh']}, {}, true).argv, ['sh', 'fetch']);
});

test('a container of an image reaches what init containers left, by the links to it', t => {
  const init: Container = {name: 'i', ...mount('sandbox', MESOS)};
  const made = planImage(context({image: 'x', ...mount('sandbox', MESOS)}, {initContainers: [init]}), 'docker');
  t.is(made.inherit, '/volumes/sandbox');
  t.true(made.argv.join(' ').includes(`-v /run/0:${MESOS} -v /volumes/sandbox:/volumes/sandbox`));
});

test('a container of an image has the capabilities and the user that the pod names', t => {
  const securityContext = {
    privileged: true,
    runAsUser: 7,
    runAsGroup: 8,
    readOnlyRootFilesystem: true,
    capabilities: {drop: ['ALL'], add: ['NET_ADMIN']},
  };
  const made = planImage(context({image: 'x', securityContext}), 'docker');
  t.true(made.argv.join(' ').includes('--privileged --user 7:8 --read-only --cap-drop ALL --cap-add NET_ADMIN'));
});

test('a claim and a secret appear in the sandbox; the secret is written before the start', t => {
  const volumeMounts = [
    {name: 'data', mountPath: `${MESOS}/data`},
    {name: 'keys', mountPath: `${MESOS}/key`, subPath: 'tls/key'},
  ];
  const {links, directories, files} = plan({volumeMounts});
  t.deepEqual(
    [...links],
    [
      ['/run/0/data', '/claims/u1'],
      ['/run/0/key', '/volumes/keys/tls/key'],
    ],
  );
  // The claim's directory is not the pod's to make.
  t.deepEqual(directories, ['/run/0', '/volumes/keys']);
  t.deepEqual([...files], [['/volumes/keys/tls/key', Buffer.from('k')]]);
});

test('an image gets claims and secrets as mounts', t => {
  const volumeMounts = [
    {name: 'data', mountPath: '/data', readOnly: true},
    {name: 'keys', mountPath: '/keys'},
  ];
  const {argv} = planImage(context({image: 'x', volumeMounts}), 'docker');
  t.deepEqual(
    argv.filter((_word, index) => argv[index - 1] === '-v'),
    ['/claims/u1:/data:ro', '/volumes/keys:/keys'],
  );
});
