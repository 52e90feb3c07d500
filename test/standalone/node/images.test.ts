import {chmod, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {findByMark} from '../../../src/standalone/node/process-identity.ts';
import {eventually} from '../../support/eventually.ts';
import {NodeBench} from './node-bench.ts';

/** Stands for docker: writes down how it is called; its containers sleep. A machine that runs tests may have none. */
const DOCKER = `#!/bin/sh
echo "$@" >> "$DOCKER_LOG"
case $1 in
version) echo 28.0 ;;
run) exec sleep 1000 ;;
esac
`;

async function withDocker(t: ExecutionContext, script = DOCKER) {
  const directory = await mkdtemp(join(tmpdir(), 'mesos-docker-'));
  t.teardown(() => rm(directory, {recursive: true, force: true}));
  await writeFile(join(directory, 'docker'), script);
  await chmod(join(directory, 'docker'), 0o755);
  const log = join(directory, 'log');
  const hostEnv = {PATH: `${directory}:/usr/bin:/bin`, DOCKER_LOG: log};
  const bench = await NodeBench.start(t, {images: 'auto', hostEnv});
  return {bench, calls: async () => (await readFile(log, 'utf8')).trim().split('\n'), hostEnv};
}

test('an image runs in docker, with the resources, variables and volumes of the container', async t => {
  const {bench, calls} = await withDocker(t);
  const pod = await bench.create('p', {
    volumes: [
      {name: 'host', hostPath: {path: '/srv'}},
      {name: 'own', emptyDir: {}},
    ],
    containers: [
      {
        name: 'task',
        image: 'nginx:1',
        command: ['run', '$(A)'],
        args: ['x'],
        workingDir: '/w',
        env: [{name: 'A', value: 'b'}],
        resources: {requests: {cpu: '500m', memory: '32Mi'}},
        volumeMounts: [
          {name: 'host', mountPath: '/data', readOnly: true},
          {name: 'own', mountPath: '/own'},
        ],
      },
    ],
  });
  await bench.phase('p', 'Running');
  const call = await eventually('docker run', async () => (await calls()).find(line => line.startsWith('run')));
  const {uid} = pod.metadata;
  const own = join(bench.dataDir, 'agents', 'n1', 'pods', uid, '.volumes', 'own');
  const name = `mesos-${uid}-task-0`;
  t.is(
    call,
    `run --name ${name} --network host --cpus 0.500 --memory 33554432b -v /srv:/data:ro -v ${own}:/own -e A=b -w /w --entrypoint run -- nginx:1 b x`,
  );
});

test('a container of docker that ends is removed, also when its client was killed', async t => {
  const {bench, calls} = await withDocker(t);
  const pod = await bench.create('p', {containers: [{name: 'task', image: 'nginx'}]});
  await bench.phase('p', 'Running');
  await bench.delete('p', 1);
  await bench.gone('p');
  t.true((await calls()).includes(`rm -f mesos-${pod.metadata.uid}-task-0`));
  t.deepEqual(await findByMark(`MESOS_CONTAINER_ID=${pod.metadata.uid}/task/0`), []);
});

test('a pod whose image would be an option of docker is refused', async t => {
  const {bench, calls} = await withDocker(t);
  await bench.create('p', {containers: [{name: 'task', image: '-v/:/host'}]});
  t.is((await bench.phase('p', 'Failed')).reason, 'InvalidImageName');
  t.false((await calls()).some(line => line.startsWith('run')));
});

test('a docker whose server does not answer counts as none', async t => {
  const {bench} = await withDocker(t, '#!/bin/sh\necho "Cannot connect" >&2; exit 1\n');
  await bench.create('p', {containers: [{name: 'task', image: 'nginx'}]});
  t.is((await bench.phase('p', 'Failed')).reason, 'ImageNotSupported');
});
