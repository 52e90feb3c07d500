import test from 'ava';
import {
  createReconciler,
  parseKey,
  sourceOf,
  keyText,
  type ObjectKey,
} from '../../../src/controller/runtime/reconciler.ts';
import {createInformer} from '../../../src/kube/informer.ts';
import {FENCED, networkError} from '../../../src/kube/kube-error.ts';
import {PODS} from '../../../src/kube/kinds.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import type {KubeError, KubeObject} from '../../../src/kube/types.ts';
import {err, ok, type Result} from '../../../src/lib/result.ts';
import {MemoryKube} from '../../support/memory-kube.ts';
import {VirtualClock} from '../../support/virtual-clock.ts';

const pod = (name: string, app: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {name, namespace: 'ns', labels: {app}},
});

function setUp(reconcile: (key: ObjectKey) => Promise<Result<{againInMs?: number} | void, KubeError>>) {
  const kube = new MemoryKube();
  const clock = new VirtualClock();
  const shared = {clock, random: () => 0, log: silentLogger};
  const informer = createInformer({client: kube.client(), kind: PODS, project: raw => raw.metadata, ...shared});
  const keysOf = ({labels, namespace}: KubeObject['metadata']) => [keyText({namespace, name: labels?.app ?? ''})];
  const reconciler = createReconciler({name: 'apps', sources: [sourceOf(informer, keysOf)], reconcile, ...shared});
  return {kube, clock, informer, reconciler};
}

test('nothing is reconciled before the caches are complete; then what is there, and what changes, by owner', async t => {
  const keys: string[] = [];
  const {kube, clock, informer, reconciler} = setUp(async key => {
    keys.push(keyText(key));
    return ok(undefined);
  });
  kube.create(PODS, pod('a1', 'a'));
  kube.create(PODS, pod('a2', 'a'));
  const started = reconciler.start();
  reconciler.enqueue('ns/asked');
  await clock.advanceAsync(100);
  t.deepEqual(keys, []);
  informer.start();
  await started;
  await clock.advanceAsync(0);
  t.deepEqual(keys.toSorted(), ['ns/a', 'ns/asked']);
  kube.patch(PODS, 'a1', 'ns', {metadata: {labels: {app: 'b'}}});
  await clock.advanceAsync(0);
  t.deepEqual(keys.slice(2).toSorted(), ['ns/a', 'ns/b']);
  informer.stop();
  await reconciler.stop();
});

test('an error brings the key back with back-off, a fenced one does not; againInMs asks for a second look', async t => {
  const answers = [err(networkError('down')), err(networkError('down')), ok({againInMs: 1000}), err(FENCED)];
  const at: number[] = [];
  const {clock, informer, reconciler} = setUp(async () => {
    at.push(clock.monotonic());
    return answers.shift() ?? ok(undefined);
  });
  informer.start();
  await reconciler.start();
  reconciler.enqueue('ns/a');
  await clock.advanceAsync(100_000);
  t.deepEqual(at, [0, 5, 15, 1015]);
  informer.stop();
  await reconciler.stop();
});

test('keys of cluster-scoped objects have an empty namespace', t => {
  t.deepEqual(parseKey(keyText({name: 'n'})), {namespace: '', name: 'n'});
});
