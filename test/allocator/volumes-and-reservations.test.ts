import test from 'ava';
import {Resources} from '../../src/allocator/resources.ts';
import {scalar} from '../../src/allocator/value.ts';
import {agent, cm, Cluster, fw, readable, res} from './cluster.ts';

const volume = Resources.of([
  {
    name: 'disk',
    value: scalar(64),
    reservations: [{type: 'DYNAMIC', role: 'r'}],
    disk: {persistence: {id: 'v1'}, volume: {containerPath: 'data', mode: 'RW'}},
    shared: true,
  },
]);
const shares = {capabilities: ['SHARED_RESOURCES'], minAllocatable: new Map([['r', []]])};

/** Two frameworks that know shared volumes, one agent with one. */
const sharing = (): Cluster =>
  new Cluster().framework('f', 'r', shares).framework('g', 'r', shares).agent('a1', cm(2, 512).add(volume));

test('a shared volume goes to one framework in a run, and to the next in the next, while in use', t => {
  const cluster = sharing();
  const holders = [cluster.events(), cluster.periodic(), cluster.periodic()];
  t.deepEqual(
    holders.map(offers =>
      offers.map(a => `${a.frameworkId} ${a.resources.scalar('cpus')} ${a.resources.scalar('disk')}`),
    ),
    [['f 2 64'], ['g 0 64'], ['f 0 64']],
  );
});

test('a shared volume counts once for a framework, until it was given back as often', t => {
  const cluster = sharing();
  const disk = (): number | undefined => cluster.allocator.view().offeredOrAllocated().get('disk');
  const offers = [...cluster.events(), ...cluster.periodic(), ...cluster.periodic()];
  t.is(disk(), 128); // once for each of the two
  const [first, second, third] = offers;
  if (first === undefined || second === undefined || third === undefined) return t.fail();
  cluster.giveBack(third);
  t.is(disk(), 128); // the first still has it, once
  cluster.giveBack(second);
  t.is(disk(), 64);
  cluster.giveBack(first);
  t.is(disk(), undefined);
});

const conversion = {consumed: res('cpus:1;mem:64'), converted: res('cpus(r):1;mem(r):64')};

test('what a framework reserves in place is reserved when it comes back', t => {
  const cluster = new Cluster().framework('f', 'r').framework('g', 's').agent('a1', cm(2, 512));
  const [offer] = cluster.events();
  if (offer === undefined) return t.fail();
  cluster.allocator.convertHeld(agent('a1'), offer.frameworkId, offer.role, conversion);
  t.is(cluster.allocator.view().held(agent('a1'), fw('f'), 'r').scalar('cpus'), 2);
  cluster.giveBack(offer, 3600, offer.resources.subtract(conversion.consumed).add(conversion.converted));
  t.deepEqual(readable(cluster.periodic()), ['g@a1 s cpus:1;mem:448']);
  t.deepEqual(
    cluster.allocator
      .view()
      .roles()
      .find(({role}) => role === 'r')?.reserved,
    conversion.consumed.quantities(),
  );
});

test('reserving in place uses up quota all the same', t => {
  const cluster = new Cluster().quota('r', undefined, 'cpus:1;mem:64').framework('f', 'r').agent('a1', cm(2, 512));
  const [offer] = cluster.events();
  if (offer === undefined) return t.fail();
  const consumed = (): unknown => cluster.allocator.view().roles()[0]?.quota?.consumed;
  const before = consumed();
  cluster.allocator.convertHeld(agent('a1'), offer.frameworkId, 'r', conversion);
  t.deepEqual(consumed(), before);
  cluster.giveBack(offer, 0, conversion.converted);
  t.deepEqual(consumed(), before);
  t.deepEqual(readable(cluster.periodic()), ['f@a1 r cpus(r):1;mem(r):64']);
});

const bugs = {
  'other quantities': {...conversion, converted: res('cpus(r):2')},
  'more than is held': {consumed: res('cpus:9'), converted: res('cpus(r):9')},
};
for (const [title, wrong] of Object.entries(bugs)) {
  test(`a conversion is refused as a bug: ${title}`, t => {
    const cluster = new Cluster().framework('f', 'r').agent('a1', cm(2, 512));
    cluster.events();
    t.throws(() => cluster.allocator.convertHeld(agent('a1'), fw('f'), 'r', wrong), {message: /^Bug: /});
  });
}
