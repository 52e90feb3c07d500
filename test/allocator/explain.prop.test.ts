import test from 'ava';
import fc from 'fast-check';
import type {Judgement} from '../../src/allocator/explain/verdict.ts';
import {agent, fw} from './cluster.ts';
import {histories} from './history-arbitrary.ts';
import {History} from './history.ts';

/** The verdict on every pair of client and agent. */
const verdicts = (history: History): Judgement[] =>
  [...history.totals.keys()].flatMap(agentId =>
    [...history.frameworks].flatMap(([frameworkId, {roles}]) =>
      roles.flatMap(role => {
        const query = {role, frameworkId: fw(frameworkId), agentId: agent(agentId)};
        const found = history.cluster.allocator.explain(query, history.cluster.nowMs);
        const examples = found.ok ? found.value.reasons.flatMap(reason => reason.examples) : [];
        return examples.filter(example => example.role === role);
      }),
    ),
  );

const pairOf = ({frameworkId, role, agentId}: Omit<Judgement, 'verdict'>): string =>
  `${frameworkId} ${role} ${agentId}`;

test('explaining changes no decision', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(histories, ([seed, ops]) => {
        const [explained, other] = [new History(seed), new History(seed)];
        for (const next of ops) {
          explained.step(next);
          explained.cluster.allocator.explain({}, explained.cluster.nowMs);
          other.step(next);
        }
        return explained.log.join('\n') === other.log.join('\n');
      }),
      {numRuns: 100},
    );
  });
});

test('behind a periodic run something is in the way of every pair that was given nothing', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(histories, ([seed, ops]) => {
        const history = new History(seed);
        for (const next of [...ops, {kind: 'periodic'} as const]) {
          const refused = new Set(history.refused.map(({allocation}) => pairOf(allocation)));
          history.step(next);
          if (next.kind !== 'periodic') continue;
          // A refusal may have ended behind the run.
          const odd = verdicts(history).find(
            judgement => judgement.verdict.reason === 'next-run' && !refused.has(pairOf(judgement)),
          );
          if (odd !== undefined) throw new Error(JSON.stringify(odd));
        }
      }),
      {numRuns: 200},
    );
  });
});
