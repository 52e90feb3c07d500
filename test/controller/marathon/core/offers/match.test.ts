import test from 'ava';
import type {Offer} from '../../../../../src/api/mesos/v1/common.ts';
import type {Resource} from '../../../../../src/api/mesos/v1/resources.ts';
import {matchOffer} from '../../../../../src/controller/marathon/core/offers/match.ts';
import {available, availablePorts, offerPool} from '../../../../../src/controller/marathon/core/offers/offer-pool.ts';
import {
  explainShortage,
  newOfferStats,
  noteRejected,
  noteUsed,
} from '../../../../../src/controller/marathon/core/offers/offer-stats.ts';
import {app} from '../fixtures.ts';

const scalar = (name: string, value: number, role?: string): Resource => ({
  name,
  type: 'SCALAR',
  scalar: {value},
  role,
});
const ports = (begin: number, end: number): Resource => ({
  name: 'ports',
  type: 'RANGES',
  ranges: {range: [{begin, end}]},
});

const offer = (resources: Resource[], more: Partial<Offer> = {}): Offer => ({
  id: {value: 'O1'},
  framework_id: {value: 'F'},
  agent_id: {value: 'A'},
  hostname: 'a',
  allocation_info: {role: '*'},
  resources,
  ...more,
});
const context = {placement: {placed: [], known: [], instances: 1}, servicePorts: [10000], nowMs: 1000, random: () => 0};
const plenty = [scalar('cpus', 4), scalar('mem', 4096), scalar('disk', 100), ports(31000, 31009)];

const rows = {
  'another role': {fields: {role: 'dev'}, resources: plenty, want: 'UnfulfilledRole'},
  'resources of no accepted role': {
    fields: {acceptedResourceRoles: ['*']},
    resources: [scalar('cpus', 4, 'dev')],
    want: 'UnfulfilledRole',
  },
  'constraints before resources': {
    fields: {constraints: [['rack', 'IS', 'x']], cpus: 99},
    resources: plenty,
    want: 'UnfulfilledConstraint',
  },
  'cpus before mem': {fields: {cpus: 5, mem: 99999}, resources: plenty, want: 'InsufficientCpus'},
  mem: {fields: {mem: 4097}, resources: plenty, want: 'InsufficientMemory'},
  disk: {fields: {disk: 101}, resources: plenty, want: 'InsufficientDisk'},
  ports: {
    fields: {portDefinitions: [{port: 1}, {port: 2}]},
    resources: [...plenty.slice(0, 3), ports(31000, 31000)],
    want: 'InsufficientPorts',
  },
  'an app without GPUs on an agent with some': {
    fields: {},
    resources: [...plenty, scalar('gpus', 2)],
    want: 'DeclinedScarceResources',
  },
  'too few GPUs': {fields: {gpus: 3}, resources: [...plenty, scalar('gpus', 2)], want: 'InsufficientGpus'},
  'a required port': {
    fields: {requirePorts: true, portDefinitions: [{port: 10000}]},
    resources: plenty,
    want: 'InsufficientPorts',
  },
};
for (const [title, {fields, resources, want}] of Object.entries(rows)) {
  test(`refused for ${title}`, t => {
    const pool = offerPool(offer(resources));
    const outcome = matchOffer(pool, app(fields), context);
    const reason: string | undefined = outcome.kind === 'rejected' ? outcome.rejection.reason : undefined;
    t.is(reason, want);
    const cpus = resources.find(({name}) => name === 'cpus')?.scalar?.value ?? 0;
    t.is(available(pool, 'cpus', ['*', 'dev']), cpus * 1000);
  });
}

test('an agent under maintenance is refused while it lasts', t => {
  const during = offer(plenty, {unavailability: {start: {nanoseconds: 0}, duration: {nanoseconds: 2e9}}});
  const after = offer(plenty, {unavailability: {start: {nanoseconds: 0}, duration: {nanoseconds: 1e9}}});
  const now = offer(plenty, {unavailability: {start: {nanoseconds: 1e9}}});
  const later = offer(plenty, {unavailability: {start: {nanoseconds: 1e9 + 1e6}}});
  t.is(matchOffer(offerPool(during), app(), context).kind, 'rejected');
  t.is(matchOffer(offerPool(now), app(), context).kind, 'rejected');
  t.is(matchOffer(offerPool(later), app(), context).kind, 'match');
  t.is(matchOffer(offerPool(after), app(), context).kind, 'match');
});

const onGpus: Record<string, {fields: Record<string, unknown>; gpuScheduling?: 'unrestricted'; want: boolean}> = {
  'an app with GPUs runs on an agent with GPUs': {fields: {gpus: 2}, want: true},
  'an app may say that it wants no more than others': {
    fields: {labels: {GPU_SCHEDULING_BEHAVIOR: 'unrestricted'}},
    want: true,
  },
  'with the flag every app may run there': {fields: {}, gpuScheduling: 'unrestricted', want: true},
  'an app may keep away all the same': {
    fields: {labels: {GPU_SCHEDULING_BEHAVIOR: 'restricted'}},
    gpuScheduling: 'unrestricted',
    want: false,
  },
};
for (const [title, {fields, gpuScheduling, want}] of Object.entries(onGpus)) {
  test(title, t => {
    const pool = offerPool(offer([...plenty, scalar('gpus', 2)]));
    t.is(matchOffer(pool, app(fields), {...context, gpuScheduling}).kind === 'match', want);
  });
}

test('a host port for two protocols is taken once', t => {
  const pool = offerPool(offer(plenty));
  const mapping = {containerPort: 53, hostPort: 31000};
  const dns = app({
    networks: [{mode: 'container/bridge'}],
    container: {docker: {image: 'x'}, portMappings: [mapping, {...mapping, protocol: 'udp'}]},
  });
  const outcome = matchOffer(pool, dns, context);
  if (outcome.kind === 'rejected') return t.fail(outcome.rejection.reason);
  t.deepEqual(outcome.match.hostPorts, [31000, 31000]);
  t.deepEqual(outcome.match.resources.find(({name}) => name === 'ports')?.ranges?.range, [{begin: 31000, end: 31000}]);
});

test('a match takes what it needs, and no more than there is', t => {
  const pool = offerPool(offer(plenty));
  const definition = app({cpus: 1.5, portDefinitions: [{port: 0}]});
  const kinds = [1, 2, 3].map(() => matchOffer(pool, definition, context).kind);
  t.deepEqual(kinds, ['match', 'match', 'rejected']); // 4 = 1.5 + 1.5 + 1
  t.is(available(pool, 'cpus', ['*']), 1000);
  t.deepEqual(availablePorts(pool, ['*']), [{begin: 31002, end: 31009}]);
});

test('reserved resources are used first, and a task may use both', t => {
  const pool = offerPool(
    offer([scalar('cpus', 1), scalar('cpus', 1, 'dev'), scalar('mem', 999), ports(1, 9)], {
      allocation_info: {role: 'dev'},
    }),
  );
  const outcome = matchOffer(pool, app({role: 'dev', cpus: 1.5}), context);
  if (outcome.kind === 'rejected') return t.fail(outcome.rejection.reason);
  const cpus = outcome.match.resources.filter(({name}) => name === 'cpus');
  t.deepEqual(
    cpus.map(({role, scalar: amount}) => [role, amount?.value]),
    [
      ['dev', 1],
      [undefined, 0.5],
    ],
  );
});

test('tenths add up: ten tasks of 0.1 fit on one cpu', t => {
  const pool = offerPool(offer([scalar('cpus', 1), scalar('mem', 9999), ports(1, 99)]));
  const kinds = Array.from({length: 11}, () => matchOffer(pool, app({cpus: 0.1}), context).kind);
  t.is(kinds.filter(kind => kind === 'match').length, 10);
});

test('only the latest offer of an agent counts', t => {
  const stats = newOfferStats(0);
  noteRejected(stats, 'A', {reason: 'InsufficientCpus', wanted: 8, offered: 4}, 1);
  noteRejected(stats, 'A', {reason: 'InsufficientCpus', wanted: 8, offered: 2}, 2);
  t.is(explainShortage(stats), 'no agent has enough cpus: 8 wanted, at most 2 offered');
  noteUsed(stats, 'A', 3);
  t.is(explainShortage(stats), undefined);
});

test('several reasons are told one after the other', t => {
  const stats = newOfferStats(0);
  noteRejected(stats, 'A', {reason: 'InsufficientMemory', wanted: 800, offered: 100}, 1);
  noteRejected(stats, 'B', {reason: 'UnfulfilledConstraint'}, 1);
  noteRejected(stats, 'C', {reason: 'UnfulfilledConstraint'}, 1);
  t.is(
    explainShortage(stats),
    '2 agents: constraints not satisfied; 1 agent: not enough mem (800 wanted, at most 100 offered)',
  );
});

test('an offer with too few ports says how many there are', t => {
  const few = offer([...plenty.slice(0, 3), ports(31000, 31001), ports(31005, 31005)]);
  const fields = {portDefinitions: [{port: 0}, {port: 0}, {port: 0}, {port: 0}]};
  const outcome = matchOffer(offerPool(few), app(fields), {...context, servicePorts: [1, 2, 3, 4]});
  t.like(outcome, {kind: 'rejected', rejection: {reason: 'InsufficientPorts', wanted: 4, offered: 3}});
});
