import test from 'ava';
import type {Attribute} from '../../../../../src/api/mesos/v1/resources.ts';
import {agentFacts, fieldOf, thousandths} from '../../../../../src/controller/marathon/core/offers/agent-facts.ts';

const facts = (attributes: readonly Attribute[]) => agentFacts({agentId: 'A', hostname: 'a', attributes});

const texts: Record<string, {attribute: Attribute; want: string}> = {
  'a text is what it is': {attribute: {name: 'x', type: 'TEXT', text: {value: 'r1'}}, want: 'r1'},
  'a number has three decimals': {attribute: {name: 'x', type: 'SCALAR', scalar: {value: 1.23456}}, want: '1.235'},
  'ranges are in order': {
    attribute: {
      name: 'x',
      type: 'RANGES',
      ranges: {
        range: [
          {begin: 5, end: 7},
          {begin: 1, end: 2},
        ],
      },
    },
    want: '[1-2,5-7]',
  },
  'a set is in order': {attribute: {name: 'x', type: 'SET', set: {item: ['b', 'a']}}, want: '{a,b}'},
};
for (const [title, {attribute, want}] of Object.entries(texts)) {
  test(title, t => t.is(fieldOf(facts([attribute]), 'x'), want));
}

test('of two attributes of one name the first counts', t => {
  const text = (value: string): Attribute => ({name: 'x', type: 'TEXT', text: {value}});
  t.is(fieldOf(facts([text('first'), text('second')]), 'x'), 'first');
});

test('only numbers are compared as numbers', t => {
  const agent = facts([
    {name: 'level', type: 'SCALAR', scalar: {value: 1}},
    {name: 'rack', type: 'TEXT', text: {value: '1'}},
  ]);
  t.deepEqual([...agent.scalars], ['level']);
});

test('host, region and zone are fields too', t => {
  const agent = agentFacts({
    agentId: 'A',
    hostname: 'a',
    domain: {fault_domain: {region: {name: 'r'}, zone: {name: 'z'}}},
  });
  t.deepEqual(
    ['hostname', '@hostname', '@region', '@zone', 'rack'].map(field => fieldOf(agent, field)),
    ['a', 'a', 'r', 'z', undefined],
  );
});

// Halves go to the even neighbour.
const rounded = {0.0005: 0, 0.0015: 2, 0.0025: 2, 1.0005: 1000, 0.00049: 0, 0.00151: 2, 0.1: 100, 3: 3000};
for (const [value, want] of Object.entries(rounded)) {
  test(`${value} is ${want} thousandths`, t => t.is(thousandths(Number(value)), want));
}
