import test from 'ava';
import fc from 'fast-check';
import {Resources} from '../../src/allocator/resources.ts';
import {agent, Cluster, readable, seeded} from './cluster.ts';
import {histories} from './history-arbitrary.ts';
import {AGENTS, FRAMEWORKS, History, ROLES, TOTALS} from './history.ts';

test('nothing is handed out twice, all sums agree, filters and suppression are obeyed', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(histories, ([seed, ops]) => {
        const history = new History(seed);
        for (const next of ops) {
          history.step(next);
          history.check();
          if (history.complaint !== undefined) throw new Error(history.complaint);
        }
      }),
      {numRuns: 300},
    );
  });
});

test('the same history and seed lead to the same decisions', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(histories, ([seed, ops]) => {
        const [one, other] = [new History(seed), new History(seed)];
        for (const next of ops) for (const history of [one, other]) history.step(next);
        return one.log.join('\n') === other.log.join('\n');
      }),
      {numRuns: 50},
    );
  });
});

test('decisions do not depend on the order in which agents, frameworks and weights came', t => {
  const parts = [...AGENTS.map(id => ({agent: id})), ...FRAMEWORKS.map(id => ({framework: id})), {weights: true}];
  const shuffled = fc.shuffledSubarray(parts, {minLength: parts.length, maxLength: parts.length});
  const decide = (order: readonly (typeof parts)[number][], seed: number): string[] => {
    const cluster = new Cluster({random: seeded(seed)});
    for (const part of order) {
      if ('agent' in part) cluster.agent(part.agent, TOTALS[AGENTS.indexOf(part.agent)] ?? Resources.EMPTY);
      else if ('framework' in part)
        cluster.framework(part.framework, ROLES.slice(FRAMEWORKS.indexOf(part.framework) % 3));
      else cluster.weights({r: 2, s: 3});
    }
    const offers = cluster.events();
    for (const offer of offers) cluster.giveBack(offer, 0, offer.resources);
    return [...offers, ...cluster.periodic()].map(a => readable([a]).join());
  };
  t.notThrows(() => {
    fc.assert(
      fc.property(shuffled, fc.integer(), (order, seed) => decide(order, seed).join() === decide(parts, seed).join()),
    );
  });
});

test('agents that found no taker are remembered without changing any decision', t => {
  // Touching an agent (an update to other traits) makes the allocator forget that nobody wanted it.
  t.notThrows(() => {
    fc.assert(
      fc.property(histories, ([seed, ops]) => {
        const [remembering, forgetting] = [new History(seed), new History(seed)];
        for (const [i, next] of ops.entries()) {
          if (next.kind === 'events') continue;
          if (next.kind === 'periodic') {
            for (const [id, {total}] of forgetting.totals) {
              forgetting.cluster.allocator.updateAgent(agent(id), total, {hostname: `h${i}`});
            }
          }
          for (const history of [remembering, forgetting]) history.step(next);
        }
        return remembering.log.join('\n') === forgetting.log.join('\n');
      }),
      {numRuns: 150},
    );
  });
});
