import test from 'ava';
import fc from 'fast-check';
import {createInformer} from '../../src/kube/informer.ts';
import {PODS} from '../../src/kube/kinds.ts';
import {silentLogger} from '../../src/kube/log.ts';
import type {KubeObject} from '../../src/kube/types.ts';
import {networkError, statusError} from '../../src/kube/kube-error.ts';
import {MemoryKube} from '../support/memory-kube.ts';
import {settle, VirtualClock} from '../support/virtual-clock.ts';

type Step =
  | {readonly act: 'create' | 'change' | 'delete' | 'recreate'; readonly name: string}
  | {readonly act: 'cut' | 'compact' | 'expire' | 'bookmark' | 'outage' | 'settle'}
  | {readonly act: 'replay'; readonly count: number};

const name = fc.constantFrom('a', 'b', 'c', 'd');
const step: fc.Arbitrary<Step> = fc.oneof(
  {weight: 6, arbitrary: fc.record({act: fc.constantFrom('create', 'change', 'delete', 'recreate'), name})},
  {weight: 3, arbitrary: fc.record({act: fc.constantFrom('cut', 'compact', 'expire', 'bookmark', 'outage', 'settle')})},
  {weight: 1, arbitrary: fc.record({act: fc.constant('replay'), count: fc.integer({min: 1, max: 6})})},
);

const versions = (objects: readonly KubeObject[]) =>
  Object.fromEntries(objects.map(({metadata}) => [metadata.name, `${metadata.uid}@${metadata.resourceVersion}`]));

async function perform(kube: MemoryKube, {act, ...rest}: Step, outage: {left: number}): Promise<void> {
  const target = 'name' in rest ? rest.name : '';
  const object: KubeObject = {apiVersion: 'v1', kind: 'Pod', metadata: {name: target, namespace: 'ns'}};
  switch (act) {
    case 'create':
      return void kube.create(PODS, object);
    case 'change':
      return void kube.patch(PODS, target, 'ns', {spec: {changed: kube.version}});
    case 'delete':
      return void kube.delete(PODS, target, 'ns');
    case 'recreate':
      kube.delete(PODS, target, 'ns');
      return void kube.create(PODS, object);
    case 'cut':
      return kube.cut();
    case 'expire':
      return kube.cut(statusError({code: 410}, 410));
    case 'compact':
      kube.compact();
      return kube.cut();
    case 'bookmark':
      return kube.bookmark();
    case 'outage':
      outage.left = 4;
      return kube.cut();
    case 'replay':
      return kube.replay('count' in rest ? rest.count : 0);
    case 'settle':
      return settle();
    default:
      act satisfies never;
  }
}

test('whatever happens to the watch, events and cache end where the server is, and nothing is told twice', async t => {
  const property = fc.asyncProperty(fc.array(step, {maxLength: 40}), async steps => {
    const kube = new MemoryKube();
    const clock = new VirtualClock();
    const outage = {left: 0};
    const client = kube.client(async () => (outage.left-- > 0 ? networkError('down') : undefined));
    const project = (raw: KubeObject) => raw;
    const informer = createInformer({client, kind: PODS, project, clock, random: () => 0.5, log: silentLogger});
    const told = new Map<string, string>();
    const heard = new Set<string>();
    const wrong: string[] = [];
    informer.onEvent(({type, object}) => {
      const text = `${object.metadata.uid}@${object.metadata.resourceVersion}`;
      if (type === 'deleted') return void told.delete(object.metadata.name);
      if (heard.has(text)) wrong.push(`told twice: ${text}`);
      if (told.has(object.metadata.name) !== (type === 'updated')) wrong.push(`${type} out of turn: ${text}`);
      heard.add(text);
      told.set(object.metadata.name, text);
    });
    informer.start();
    for (const one of steps) {
      await perform(kube, one, outage);
      if (outage.left > 0) await clock.advanceAsync(50);
    }
    const seen = informer.seen('a', 'ns', kube.version);
    await clock.advanceAsync(120_000);
    kube.bookmark();
    await seen;
    informer.stop();
    t.deepEqual(wrong, []);
    t.deepEqual(versions(informer.list()), versions(kube.objects(PODS)));
    t.deepEqual(Object.fromEntries(told), versions(kube.objects(PODS)));
  });
  await t.notThrowsAsync(() => fc.assert(property, {numRuns: 150}));
});
