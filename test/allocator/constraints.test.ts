import test from 'ava';
import type {Predicate, Selector} from '../../src/allocator/offer-constraints.ts';
import type {AgentTraits} from '../../src/allocator/records.ts';
import {agent, cm, Cluster, fw} from './cluster.ts';

const traits: AgentTraits = {
  hostname: 'h1',
  domain: {region: 'home', zone: 'z1'},
  attributes: [
    {name: 'rack', value: 'r1'},
    {name: 'rack', value: 'r2'},
    {name: 'cores', value: '8', isText: false},
  ],
};
const named = (name: string): Selector => ({kind: 'attribute', name});
const matches = (wanted: string) => (text: string) => text.startsWith(wanted);

const rows: Record<string, {selector: Selector; predicate: Predicate; want: boolean}> = {
  exists: {selector: named('rack'), predicate: {kind: 'exists'}, want: true},
  'does not exist': {selector: named('gpu'), predicate: {kind: 'not-exists'}, want: true},
  'exists, but should not': {selector: named('rack'), predicate: {kind: 'not-exists'}, want: false},
  'the first of a name counts': {selector: named('rack'), predicate: {kind: 'text-equals', value: 'r1'}, want: true},
  'the second of a name does not': {
    selector: named('rack'),
    predicate: {kind: 'text-equals', value: 'r2'},
    want: false,
  },
  'missing is not equal': {selector: named('gpu'), predicate: {kind: 'text-equals', value: 'x'}, want: false},
  'missing is unequal': {selector: named('gpu'), predicate: {kind: 'text-not-equals', value: 'x'}, want: true},
  'equal is not unequal': {selector: named('rack'), predicate: {kind: 'text-not-equals', value: 'r1'}, want: false},
  matches: {selector: named('rack'), predicate: {kind: 'text-matches', matches: matches('r')}, want: true},
  'missing does not match': {
    selector: named('gpu'),
    predicate: {kind: 'text-matches', matches: matches('')},
    want: false,
  },
  'a match is refused': {
    selector: named('rack'),
    predicate: {kind: 'text-not-matches', matches: matches('r')},
    want: false,
  },
  'missing is no match': {
    selector: named('gpu'),
    predicate: {kind: 'text-not-matches', matches: matches('')},
    want: true,
  },
  'of a number any text is true': {selector: named('cores'), predicate: {kind: 'text-equals', value: 'x'}, want: true},
  'of a number its opposite too': {
    selector: named('cores'),
    predicate: {kind: 'text-not-equals', value: '8'},
    want: true,
  },
  hostname: {selector: {kind: 'hostname'}, predicate: {kind: 'text-equals', value: 'h1'}, want: true},
  region: {selector: {kind: 'region'}, predicate: {kind: 'text-equals', value: 'away'}, want: false},
  zone: {selector: {kind: 'zone'}, predicate: {kind: 'text-matches', matches: matches('z')}, want: true},
};
for (const [title, {selector, predicate, want}] of Object.entries(rows)) {
  test(`offer constraint: ${title}`, t => {
    const offerConstraints = new Map([['r', [[{selector, predicate}]]]]);
    const cluster = new Cluster({domain: {region: 'home', zone: 'z'}}).framework('f', 'r', {offerConstraints});
    t.is(cluster.agent('a1', cm(1, 64), traits).events().length === 1, want);
  });
}

const yes = {selector: named('rack'), predicate: {kind: 'exists'}} as const;
const no = {selector: named('rack'), predicate: {kind: 'not-exists'}} as const;
const groups = {
  'all of a group must hold': {groups: [[yes, no]], want: false},
  'one group is enough': {groups: [[no], [yes]], want: true},
};
for (const [title, {groups: list, want}] of Object.entries(groups)) {
  test(`offer constraints: ${title}`, t => {
    const cluster = new Cluster().framework('f', 'r', {offerConstraints: new Map([['r', list]])});
    t.is(cluster.agent('a1', cm(1, 64), {attributes: traits.attributes ?? []}).events().length === 1, want);
  });
}

test('constraints are for the role that they name, and end with an update without them', t => {
  const offerConstraints = new Map([['r', [[no]]]]);
  const cluster = new Cluster().framework('f', ['r', 's'], {offerConstraints, suppressedRoles: ['s']});
  cluster.agent('a1', cm(1, 64), {attributes: [{name: 'rack', value: 'r1'}]});
  t.is(cluster.events().length, 0);
  cluster.allocator.revive(fw('f'), ['s']);
  t.deepEqual(
    cluster.events().map(a => a.role),
    ['s'],
  );
  cluster.agent('a2', cm(1, 64), {attributes: [{name: 'rack', value: 'r1'}]});
  cluster.allocator.updateFramework({frameworkId: fw('f'), roles: ['r', 's'], suppressedRoles: ['s']});
  t.deepEqual(
    cluster.events().map(a => a.role),
    ['r'],
  );
});

test('only agents on the whitelist are offered', t => {
  const cluster = new Cluster().framework('f', 'r');
  cluster.allocator.updateWhitelist(new Set(['h2']));
  cluster.agent('a1', cm(1, 64), {hostname: 'h1'}).agent('a2', cm(1, 64), {hostname: 'h2'});
  t.deepEqual(
    cluster.events().map(a => a.agentId),
    [agent('a2')],
  );
  cluster.allocator.updateWhitelist(undefined);
  t.false(cluster.allocator.runPending());
  t.deepEqual(
    cluster.periodic().map(a => a.agentId),
    [agent('a1')],
  );
});
