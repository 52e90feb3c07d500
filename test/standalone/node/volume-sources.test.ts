import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {PERSISTENT_VOLUME_CLAIMS, SECRETS} from '../../../src/kube/kinds.ts';
import type {KubeObject} from '../../../src/kube/types.ts';
import {collectClaims} from '../../../src/standalone/node/volume-sources.ts';
import {NodeBench, shell} from './node-bench.ts';

const SANDBOX = '/mnt/mesos/sandbox';
const CLAIM = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: {name: 'data', namespace: 'default'},
  spec: {accessModes: ['ReadWriteOnce'], resources: {requests: {storage: '64Mi'}}},
};
const withData = (line: string) => ({
  containers: [
    shell(line, {
      env: [{name: 'MESOS_SANDBOX', value: SANDBOX}],
      volumeMounts: [{name: 'v', mountPath: `${SANDBOX}/data`}],
    }),
  ],
  volumes: [{name: 'v', persistentVolumeClaim: {claimName: 'data'}}],
});

test('what a pod wrote into a claim is there for the next one, until the claim goes', async t => {
  const bench = await NodeBench.start(t);
  bench.kube.create(PERSISTENT_VOLUME_CLAIMS, CLAIM);
  await bench.create('first', withData('echo hello > data/file'));
  await bench.phase('first', 'Succeeded');
  const second = await bench.create('second', withData('cat data/file'));
  await bench.phase('second', 'Succeeded');
  t.is(await readFile(join(bench.sandbox(second), 'stdout'), 'utf8'), 'hello\n');
  t.is(bench.kube.find<KubeObject<unknown, {phase: string}>>(PERSISTENT_VOLUME_CLAIMS, 'data')?.status?.phase, 'Bound');

  const collector = {client: bench.kube.client, claimsDirectory: join(bench.dataDir, 'volumes')};
  t.is(await collectClaims(collector), 0);
  bench.kube.delete(PERSISTENT_VOLUME_CLAIMS, 'data', {});
  bench.kube.create(PERSISTENT_VOLUME_CLAIMS, CLAIM);
  await bench.create('third', withData('test ! -e data/file'));
  await bench.phase('third', 'Succeeded');
  t.is(await collectClaims(collector), 1);
});

test('a claim outlives the agent', async t => {
  const bench = await NodeBench.start(t);
  bench.kube.create(PERSISTENT_VOLUME_CLAIMS, CLAIM);
  await bench.create('first', withData('echo hello > data/file'));
  await bench.phase('first', 'Succeeded');
  await bench.node.stop({killPods: false});
  await bench.up();
  await bench.create('second', withData('grep hello data/file'));
  await bench.phase('second', 'Succeeded');
  t.pass();
});

test('the keys of a secret are files, for nobody else to read', async t => {
  const bench = await NodeBench.start(t);
  const data = {password: Buffer.from('sesame').toString('base64'), user: Buffer.from('me').toString('base64')};
  bench.kube.create(SECRETS, {
    ...{apiVersion: 'v1', kind: 'Secret', metadata: {name: 'db', namespace: 'default'}},
    data,
  } as KubeObject);
  const pod = await bench.create('p', {
    containers: [
      shell('cat all/user all/password one; stat -c %a all/user; echo x >> all/user', {
        env: [{name: 'MESOS_SANDBOX', value: SANDBOX}],
        volumeMounts: [
          {name: 'all', mountPath: `${SANDBOX}/all`},
          {name: 'one', mountPath: `${SANDBOX}/one`, subPath: 'password'},
        ],
      }),
    ],
    volumes: [
      {name: 'all', secret: {secretName: 'db'}},
      {name: 'one', secret: {secretName: 'db', items: [{key: 'password', path: 'password'}]}},
    ],
  });
  await bench.until('p', 'ended', ({phase}) => phase === 'Succeeded' || phase === 'Failed');
  t.is(await readFile(join(bench.sandbox(pod), 'stdout'), 'utf8'), 'mesesamesesame400\n');
});

const missing = {
  'a claim': {persistentVolumeClaim: {claimName: 'none'}},
  'a secret': {secret: {secretName: 'none'}},
};
for (const [title, source] of Object.entries(missing)) {
  test(`a pod does not run without ${title} that it mounts`, async t => {
    const bench = await NodeBench.start(t);
    await bench.create('p', {containers: [shell('true')], volumes: [{name: 'v', ...source}]});
    const {containerStatuses = []} = await bench.phase('p', 'Failed');
    t.is(containerStatuses[0]?.state?.terminated?.reason, 'CreateContainerConfigError');
  });
}
