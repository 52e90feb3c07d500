import test from 'ava';
import type {OfferConstraints} from '../../../../../src/api/mesos/v1/common.ts';
import {updateProblem} from '../../../../../src/controller/mesos/core/frameworks/framework-validation.ts';
import type {AgentRecord} from '../../../../../src/controller/mesos/core/agents/agent-record.ts';
import {agentRecord, World} from '../world.ts';

type Groups = NonNullable<NonNullable<OfferConstraints['role_constraints']>[string]['groups']>;
type Constraint = NonNullable<Groups[number]['attribute_constraints']>[number];

const constraints = (...groups: readonly (readonly Constraint[])[]): OfferConstraints => ({
  role_constraints: {r: {groups: groups.map(list => ({attribute_constraints: list}))}},
});
const RACK = {attribute_name: 'rack'};
const HOST = {pseudoattribute_type: 'HOSTNAME'} as const;
const exists: Constraint = {selector: RACK, predicate: {exists: {}}};

const refused: Record<string, OfferConstraints> = {
  'no group': constraints(),
  'an empty group': constraints([exists], []),
  'a selector of nothing': constraints([{selector: {}, predicate: {exists: {}}}]),
  'a selector of an unknown kind': constraints([
    {selector: {pseudoattribute_type: 'UNKNOWN'}, predicate: {exists: {}}},
  ]),
  'a predicate of nothing': constraints([{selector: HOST, predicate: {}}]),
  'an expression that is none': constraints([{selector: HOST, predicate: {text_matches: {regex: 'x(y'}}}]),
  'an expression that is too complex': constraints([{selector: HOST, predicate: {text_not_matches: {regex: 'a{97}'}}}]),
  'a foreign role': {role_constraints: {s: {groups: [{attribute_constraints: [exists]}]}}},
};
const info = {name: 'f', roles: ['r'], capabilities: [{type: 'MULTI_ROLE' as const}]};

for (const [title, offer_constraints] of Object.entries(refused)) {
  test(`refused on the stream: ${title}`, t => {
    const world = new World();
    const stream = world.subscribe(info, {offer_constraints});
    const [event] = world.take(stream);
    t.is(event?.type, 'ERROR');
    t.true(world.closed.has(stream));
  });

  test(`refused as an update: ${title}`, t => {
    const world = new World();
    world.subscribe(info);
    const framework = world.framework('M-0000');
    const framework_info = {user: 'u', ...info};
    t.is(typeof updateProblem(framework, {framework_info, offer_constraints}, world.master.options), 'string');
  });
}

const onRack = (number: number, rack: string): AgentRecord => ({
  ...agentRecord(number),
  attributes: [
    {name: 'rack', type: 'TEXT', text: {value: rack}},
    {name: 'level', type: 'SCALAR', scalar: {value: 3}},
  ],
});

const wanted: Record<string, {constraint: Constraint; want: readonly string[]}> = {
  'an attribute that matches': {
    constraint: {selector: RACK, predicate: {text_matches: {regex: 'r[12]'}}},
    want: ['host-1', 'host-2'],
  },
  'an attribute that does not match': {
    constraint: {selector: RACK, predicate: {text_not_matches: {regex: 'r[12]'}}},
    want: ['host-3'],
  },
  'an attribute that is equal': {
    constraint: {selector: RACK, predicate: {text_equals: {value: 'r2'}}},
    want: ['host-2'],
  },
  'an attribute that is not equal': {
    constraint: {selector: RACK, predicate: {text_not_equals: {value: 'r2'}}},
    want: ['host-1', 'host-3'],
  },
  'an attribute that does not exist': {
    constraint: {selector: {attribute_name: 'gpu'}, predicate: {not_exists: {}}},
    want: ['host-1', 'host-2', 'host-3'],
  },
  'a number, of which any text is true': {
    constraint: {selector: {attribute_name: 'level'}, predicate: {text_equals: {value: 'x'}}},
    want: ['host-1', 'host-2', 'host-3'],
  },
  'the name of the host': {
    constraint: {selector: HOST, predicate: {text_matches: {regex: '.*-3'}}},
    want: ['host-3'],
  },
};
for (const [title, {constraint, want}] of Object.entries(wanted)) {
  test(`offers come from agents with ${title}`, t => {
    const world = new World();
    const stream = world.subscribe(info, {offer_constraints: constraints([constraint])});
    for (const number of [1, 2, 3]) world.addAgent(onRack(number, `r${number}`));
    world.allocate();
    t.deepEqual(
      world
        .takeOffers(stream)
        .map(({hostname}) => hostname)
        .sort(),
      want,
    );
  });
}

test('an update of the framework replaces its constraints', t => {
  const world = new World();
  const stream = world.subscribe(info, {
    offer_constraints: constraints([{...exists, selector: {attribute_name: 'no'}}]),
  });
  world.addAgent(onRack(1, 'r1'));
  world.allocate();
  t.deepEqual(world.takeOffers(stream), []);
  const id = {value: 'M-0000'};
  const framework_info = {user: 'u', id, ...info};
  world.call({type: 'UPDATE_FRAMEWORK', framework_id: id, update_framework: {framework_info}});
  world.allocate();
  t.is(world.takeOffers(stream).length, 1);
});

test('only hosts on the whitelist are offered', t => {
  const world = new World();
  const stream = world.subscribe(info);
  world.do({kind: 'whitelist', hostnames: new Set(['host-2'])});
  for (const number of [1, 2]) world.addAgent(agentRecord(number));
  world.allocate();
  t.deepEqual(
    world.takeOffers(stream).map(({hostname}) => hostname),
    ['host-2'],
  );
  world.do({kind: 'whitelist', hostnames: undefined});
  world.allocate();
  t.deepEqual(
    world.takeOffers(stream).map(({hostname}) => hostname),
    ['host-1'],
  );
});
