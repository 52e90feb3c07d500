import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import {createEventRecorder} from '../../../src/controller/runtime/events.ts';
import {referenceTo} from '../../support/reference-to.ts';
import {createLeaderElector} from '../../../src/controller/runtime/leader-election.ts';
import {createKubeClient} from '../../../src/kube/client.ts';
import {createInformer} from '../../../src/kube/informer.ts';
import {EVENTS, LEASES} from '../../../src/kube/kinds.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import {systemClock, systemRandom} from '../../../src/kube/system-clock.ts';
import type {Informer, KubeObject, ResourceKind} from '../../../src/kube/types.ts';
import {startApiServer} from '../../../src/standalone/apiserver/server.ts';

const CONFIG_MAPS: ResourceKind = {group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap', namespaced: true};
const shared = {clock: systemClock, random: systemRandom, log: silentLogger};

/** Resolves with the first object that is as wanted. */
const found = (informer: Informer<KubeObject>, wanted: (object: KubeObject) => boolean): Promise<KubeObject> =>
  new Promise(resolve => {
    informer.list().filter(wanted).forEach(resolve);
    informer.onEvent(({type, object}) => {
      if (type !== 'deleted' && wanted(object)) resolve(object);
    });
  });

test('client, informer, election and events work against the embedded API server, across its restart', async t => {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'runtime-'));
  t.teardown(() => fs.rmSync(dataDir, {recursive: true, force: true}));
  const start = async () => {
    const started = await startApiServer({dataDir, ip: '127.0.0.1', port: 0, ...shared});
    if (!started.ok) throw new Error(started.error.message);
    return started.value;
  };
  let server = await start();
  t.teardown(() => server.close());
  const client = createKubeClient({kubeconfigPath: server.kubeconfigPath, ...shared});

  const watch = (kind: ResourceKind) => {
    const informer = createInformer({client, kind, namespace: 'default', project: raw => raw, pageSize: 2, ...shared});
    t.teardown(informer.stop);
    informer.start();
    return informer;
  };
  const map = (name: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {name, namespace: 'default'},
  });
  for (const name of ['a', 'b', 'c']) t.true((await client.create(CONFIG_MAPS, map(name))).ok);
  const maps = watch(CONFIG_MAPS);
  await maps.synced();
  t.deepEqual(
    maps
      .list()
      .map(({metadata}) => metadata.name)
      .toSorted(),
    ['a', 'b', 'c'],
  );

  const {promise: leading, resolve: onStartedLeading} = Promise.withResolvers<void>();
  const election = {client, namespace: 'default', name: 'master', identity: 'me', onStartedLeading, ...shared};
  const elector = createLeaderElector({...election, onStoppedLeading: () => {}});
  t.teardown(() => elector.stop());
  elector.start();
  await leading;
  const lease = await client.get(LEASES, 'master', 'default');
  t.like(lease.ok && lease.value.spec, {holderIdentity: 'me', leaseDurationSeconds: 15});

  const recorder = createEventRecorder({client, component: 'test', ...shared});
  const about = referenceTo(maps.get('a')!);
  recorder.record({about, type: 'Normal', reason: 'Seen', message: 'twice'});
  recorder.record({about, type: 'Normal', reason: 'Seen', message: 'twice'});
  const event = await found(watch(EVENTS), object => 'count' in object && object.count === 2);
  t.like(event, {reason: 'Seen', message: 'twice'});

  await server.close();
  server = await start();
  // A read may be repeated on a new connection; a write that met a closed one would have to be by its caller.
  t.true((await client.get(CONFIG_MAPS, 'a', 'default')).ok);
  const created = await client.create(CONFIG_MAPS, map('d'));
  t.true(created.ok);
  await maps.seen('d', 'default', (created.ok && created.value.metadata.resourceVersion) || '');
  t.is(maps.get('d')?.metadata.name, 'd');
  t.true(elector.isLeader());
});
