import test from 'ava';
import {filterDurationMs} from '../../src/allocator/offer-filters.ts';
import type {Allocation} from '../../src/allocator/records.ts';
import {agent, cm, Cluster, fw, readable, res} from './cluster.ts';

const durations = {
  'absent: 5 s': {asked: undefined, want: 5000},
  'negative: 5 s': {asked: -1, want: 5000},
  'not a number: 5 s': {asked: Number.NaN, want: 5000},
  'more than a duration can hold: 5 s': {asked: 1e300, want: 5000},
  'longer than a year: a year': {asked: 1e9, want: 365 * 24 * 3600 * 1000},
  'zero: none': {asked: 0, want: 0},
  'shorter than the interval: the interval': {asked: 0.25, want: 1000},
  'anything else: as asked': {asked: 7.5, want: 7500},
};
for (const [title, {asked, want}] of Object.entries(durations)) {
  test(`duration ${title}`, t => {
    t.is(filterDurationMs(asked, 1000), want);
  });
}

/** One framework that was offered the one agent and has not answered. */
function offered(total = cm(2, 1024)): {cluster: Cluster; offer: Allocation} {
  const cluster = new Cluster().framework('f', 'r').agent('a1', total);
  const [offer] = cluster.events();
  if (offer === undefined) throw new Error('no offer');
  return {cluster, offer};
}

test('a refusal of 5 s hides the agent through the run at its end, not beyond', t => {
  const {cluster, offer} = offered();
  cluster.giveBack(offer, 5);
  const offersAt = [1, 2, 3, 4, 5, 6].map(() => cluster.periodic().length);
  t.deepEqual(offersAt, [0, 0, 0, 0, 0, 1]); // the run at 5 s comes before the end
});

test('a short refusal is seen by one periodic run, however late that is', t => {
  const {cluster, offer} = offered();
  cluster.giveBack(offer, 0.001);
  t.is(cluster.periodic(10_000).length, 0);
  t.is(cluster.periodic().length, 1);
});

test('without a filter the next periodic run offers again', t => {
  const {cluster, offer} = offered();
  cluster.giveBack(offer);
  t.false(cluster.allocator.runPending());
  t.is(cluster.periodic().length, 1);
});

test('more resources than were refused are offered despite the filter', t => {
  const {cluster, offer} = offered(cm(4, 1024));
  const task = cm(1, 256);
  cluster.giveBack(offer, 3600, offer.resources.subtract(task));
  t.deepEqual(readable(cluster.periodic()), []);
  cluster.giveBack(offer, undefined, task);
  t.deepEqual(readable(cluster.periodic()), ['f@a1 r cpus:4;mem:1024']);
});

test('several filters stand side by side', t => {
  const {cluster, offer} = offered(res('cpus:4;mem:1024;ports:[1-9]'));
  const part = res('cpus:2;ports:[1-9]');
  cluster.giveBack(offer, 3600, part); // hides 2 cpus with ports, for long
  cluster.giveBack(offer, 10, offer.resources.subtract(part)); // hides the rest, and not the sum
  t.deepEqual(readable(cluster.periodic()), ['f@a1 r cpus:4;mem:1024;ports:[1-9]']);
});

test('a later, wider and longer filter replaces the one before', t => {
  const {cluster, offer} = offered();
  cluster.giveBack(offer, 10);
  cluster.allocator.restore(agent('a1'), fw('f'), 'r', offer.resources);
  cluster.giveBack(offer, 20);
  t.is(cluster.allocator.view().roles()[0]?.activeFilters, 1);
});

test('a filter is for one framework, role and agent', t => {
  const cluster = new Cluster().framework('f', ['r', 's']).agent('a1', cm(1, 64));
  const [first] = cluster.events();
  if (first === undefined) return t.fail();
  t.is(first.role, 'r');
  cluster.giveBack(first, 3600);
  cluster.agent('a2', cm(1, 64)).framework('g', 'r');
  t.deepEqual(new Set(cluster.periodic().map(a => `${a.frameworkId} ${a.role}`)), new Set(['f s', 'g r']));
});

const endings = {
  'reviving the role': (c: Cluster) => c.allocator.revive(fw('f'), ['r']),
  'reviving all roles': (c: Cluster) => c.allocator.revive(fw('f'), []),
  'a reconnection': (c: Cluster) => {
    c.allocator.deactivateFramework(fw('f'));
    c.allocator.activateFramework(fw('f'));
  },
  'leaving the role and coming back': (c: Cluster) => {
    c.allocator.updateFramework({frameworkId: fw('f'), roles: []});
    c.allocator.updateFramework({frameworkId: fw('f'), roles: ['r']});
  },
  'no longer suppressing the role': (c: Cluster) => {
    c.allocator.updateFramework({frameworkId: fw('f'), roles: ['r'], suppressedRoles: ['r']});
    c.allocator.updateFramework({frameworkId: fw('f'), roles: ['r']});
  },
  'other attributes of the agent': (c: Cluster) =>
    c.allocator.updateAgent(agent('a1'), cm(2, 1024), {attributes: [{name: 'rack', value: 'r2'}]}),
  'the agent coming back under the same id': (c: Cluster) => {
    c.allocator.removeAgent(agent('a1'));
    c.agent('a1', cm(2, 1024));
  },
};
for (const [title, end] of Object.entries(endings)) {
  test(`ends filters: ${title}`, t => {
    const {cluster, offer} = offered();
    cluster.giveBack(offer, 3600);
    t.is(cluster.periodic().length, 0);
    end(cluster);
    t.is(cluster.periodic().length, 1);
  });
}

const lasting = {
  suppressing: (c: Cluster) => c.allocator.suppress(fw('f'), []),
  'an update that changes nothing': (c: Cluster) => c.allocator.updateFramework({frameworkId: fw('f'), roles: ['r']}),
  'reviving a role not subscribed': (c: Cluster) => c.allocator.revive(fw('f'), ['other']),
  'another hostname': (c: Cluster) => c.allocator.updateAgent(agent('a1'), cm(2, 1024), {hostname: 'h2'}),
  'another framework': (c: Cluster) => {
    c.framework('g', 'r');
    c.allocator.removeFramework(fw('g'));
  },
};
for (const [title, act] of Object.entries(lasting)) {
  test(`does not end filters: ${title}`, t => {
    const {cluster, offer} = offered();
    cluster.giveBack(offer, 3600);
    cluster.periodic();
    act(cluster);
    t.is(cluster.events().length + cluster.periodic().length, 0);
    t.is(cluster.allocator.view().roles()[0]?.activeFilters, 1);
  });
}

test('ended filters are forgotten behind the periodic run', t => {
  const {cluster, offer} = offered();
  cluster.giveBack(offer, 5);
  cluster.periodic(5000);
  t.is(cluster.allocator.view().roles()[0]?.activeFilters, 0);
});

test('an agent that nobody wanted is asked again when one filter of several ends', t => {
  const cluster = new Cluster().framework('f', 'r').framework('g', 'r').agent('a1', cm(1, 64));
  for (const seconds of [3, 3600]) for (const offer of cluster.periodic(1)) cluster.giveBack(offer, seconds);
  t.deepEqual(
    [1, 2, 3, 4].flatMap(() => cluster.periodic().map(a => a.frameworkId)),
    [fw('f')],
  ); // at 4.002 s
});

test('thousands of long refusals that were revived do not disturb the next', t => {
  const {cluster, offer} = offered();
  cluster.giveBack(offer, 3600);
  for (let i = 0; i < 1500; i++) {
    cluster.allocator.revive(fw('f'), []);
    for (const again of cluster.periodic(1)) cluster.giveBack(again, 3600);
    cluster.periodic(1);
  }
  cluster.allocator.revive(fw('f'), []);
  for (const again of cluster.periodic(1)) cluster.giveBack(again, 3);
  t.deepEqual(
    [1, 2, 3, 4].map(() => cluster.periodic().length),
    [0, 0, 0, 1],
  );
  t.is(cluster.allocator.view().roles()[0]?.activeFilters, 0);
});
