import test from 'ava';
import fc from 'fast-check';
import {createInformer} from '../../src/kube/informer.ts';
import {PODS} from '../../src/kube/kinds.ts';
import {silentLogger} from '../../src/kube/log.ts';
import type {KubeClient, KubeObject} from '../../src/kube/types.ts';
import {networkError, statusError} from '../../src/kube/kube-error.ts';
import {TestKube} from '../support/test-kube.ts';
import {settle, VirtualClock} from '../support/virtual-clock.ts';

type Step =
  | {readonly act: 'create' | 'change' | 'delete' | 'recreate'; readonly name: string}
  | {readonly act: 'cut' | 'compact' | 'expire' | 'wait' | 'outage' | 'settle'}
  | {readonly act: 'replay'; readonly count: number};

const name = fc.constantFrom('a', 'b', 'c', 'd');
const step: fc.Arbitrary<Step> = fc.oneof(
  {weight: 6, arbitrary: fc.record({act: fc.constantFrom('create', 'change', 'delete', 'recreate'), name})},
  {weight: 3, arbitrary: fc.record({act: fc.constantFrom('cut', 'compact', 'expire', 'wait', 'outage', 'settle')})},
  {weight: 1, arbitrary: fc.record({act: fc.constant('replay'), count: fc.integer({min: 1, max: 6})})},
);

const versions = (objects: readonly KubeObject[]) =>
  Object.fromEntries(objects.map(({metadata}) => [metadata.name, `${metadata.uid}@${metadata.resourceVersion}`]));

/** The events of Pods that the client's watches were sent, to be sent once more. */
type Wire = {readonly client: KubeClient; readonly replay: (count: number) => void};

/** As after a resume from too early a version. */
function wireOf({client}: TestKube): Wire {
  const sent: (() => void)[] = [];
  const watch: KubeClient['watch'] = (kind, options, onEvent) =>
    client.watch<never>(kind, options, event => {
      if (event.type !== 'BOOKMARK') sent.push(() => !options.signal.aborted && onEvent(event));
      onEvent(event);
    });
  const replay = (count: number): void => {
    for (const send of sent.slice(-count)) send();
  };
  return {client: {...client, watch}, replay};
}

async function perform(kube: TestKube, clock: VirtualClock, wire: Wire, {act, ...rest}: Step): Promise<void> {
  const target = 'name' in rest ? rest.name : '';
  const place = {namespace: 'ns'};
  const there = kube.find(PODS, target || 'none', 'ns') !== undefined;
  const create = () =>
    kube.create(PODS, {metadata: {name: target, ...place}, spec: {containers: [{name: 'c', image: 'i'}]}});
  switch (act) {
    case 'create':
      return void (there || create());
    case 'change':
      return void (there && kube.patch(PODS, target, {metadata: {labels: {changed: kube.version}}}, place));
    case 'delete':
      return void (there && kube.delete(PODS, target, place));
    case 'recreate':
      if (there) kube.delete(PODS, target, place);
      return void create();
    case 'cut':
      return kube.cut();
    case 'expire':
      return kube.cut(statusError({code: 410}, 410));
    case 'compact':
      kube.compact();
      return kube.cut();
    case 'wait':
      return clock.advanceAsync(61_000); // a bookmark comes every minute
    case 'outage':
      return breakDown(kube, 4);
    case 'replay':
      return wire.replay('count' in rest ? rest.count : 0);
    case 'settle':
      return settle();
    default:
      act satisfies never;
  }
}

/** The next calls find nobody. */
function breakDown(kube: TestKube, calls: number): void {
  let left = calls;
  kube.fault = () => (left-- > 0 ? networkError('down') : undefined);
  kube.cut();
}

test('whatever happens to the watch, events and cache end where the server is, and nothing is told twice', async t => {
  const property = fc.asyncProperty(fc.array(step, {maxLength: 40}), async steps => {
    const clock = new VirtualClock();
    const kube = new TestKube({clock, kinds: [], namespaces: ['ns']});
    const wire = wireOf(kube);
    const {client} = wire;
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
      await perform(kube, clock, wire, one);
      await clock.advanceAsync(50);
    }
    const seen = informer.seen('a', 'ns', kube.version);
    await clock.advanceAsync(180_000);
    await seen;
    informer.stop();
    t.deepEqual(wrong, []);
    t.deepEqual(versions(informer.list()), versions(kube.objects(PODS)));
    t.deepEqual(Object.fromEntries(told), versions(kube.objects(PODS)));
  });
  await t.notThrowsAsync(() => fc.assert(property, {numRuns: 150}));
});
