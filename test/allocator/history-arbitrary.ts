import fc from 'fast-check';
import type {Op} from './history.ts';
import {AGENTS, FRAMEWORKS, ROLES, TOTALS} from './history.ts';

const roles = fc.subarray(ROLES, {minLength: 1});
const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('agent', 'agent-switch', 'resize', 'request'),
      agent: fc.constantFrom(...AGENTS),
      total: fc.constantFrom(...TOTALS),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('framework', 'framework-switch', 'suppress', 'revive'),
      framework: fc.constantFrom(...FRAMEWORKS),
      roles,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('answer'),
      pick: fc.nat(),
      keep: fc.nat(4),
      seconds: fc.constantFrom(undefined, 0, 0.1, 2, 5, 30),
    }),
  },
  {weight: 2, arbitrary: fc.record({kind: fc.constant('end'), pick: fc.nat()})},
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('weight'),
      role: fc.constantFrom(...ROLES),
      weight: fc.integer({min: 1, max: 5}),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('quota'),
      role: fc.constantFrom('r', 's'),
      guarantee: fc.constantFrom(undefined, 1, 3, 6),
      limit: fc.constantFrom(undefined, 0, 2, 5),
    }),
  },
  {weight: 3, arbitrary: fc.constant({kind: 'events'})},
  {weight: 5, arbitrary: fc.constant({kind: 'periodic'})},
);

/** A seed, and what happens. */
export const histories = fc.tuple(fc.integer(), fc.array(op, {maxLength: 120, size: 'max'}));
