import test from 'ava';
import type {ExplanationMessage} from '../../src/api/mesos/explanation.ts';
import {explanationText, unknownText} from '../../src/clients/explanation-text.ts';

const EMPTY: ExplanationMessage = {time: 100, agents: 2, clients: 1, judged: 2};
const shares = {before_run: 0, after_run: 1 / 3, now: 0.25};
const standing = {
  framework_id: 'F',
  framework_name: 'f',
  role: 'r',
  weight: 2,
  role_shares: shares,
  framework_shares: shares,
};
const side = (path: string, share: number) => ({path, share, hand_outs: path.length});
const FIRST = '  f (role r, weight 2): role 0 % → 33.3 %, now 25 %, framework 0 % → 33.3 %, now 25 %';

const rows: Record<string, {message: Partial<ExplanationMessage>; want: string}> = {
  'no run yet': {message: {}, want: 'No allocation run has looked at any agent yet.'},
  'nothing offered yet': {message: {last_look: 99}, want: 'last allocation run 1 s ago, nothing was ever offered'},
  'a run for the timer': {
    message: {last_look: 99.5, last_run: {time: 90, cause: 'periodic', hand_outs: 3}},
    want: 'last allocation run 0.5 s ago, last offers 10 s ago: 3 in a run for the timer',
  },
  'a sample': {
    message: {agents: 1000, clients: 100, judged: 50_000},
    want: '100 frameworks and roles, 1000 agents, 50000 of 100000 pairs looked at',
  },
  'a hold-off': {
    message: {held_off: {agents: 8, registered: 3, until: 160}},
    want: 'Offers are held back after a failover: 3 of 8 agents are back; for 60 s at most.',
  },
  'a standing that comes first': {
    message: {standings: [{...standing, position: 0}]},
    want: `${FIRST}; comes first now`,
  },
  'a standing that is asked for nothing': {message: {standings: [standing]}, want: FIRST},
  'who is ahead, by the share': {
    message: {
      standings: [
        {
          ...standing,
          position: 1,
          ahead: [{framework_name: 'g', role: 's', between: 'roles', theirs: side('s', 0.1), ours: side('r', 0.25)}],
        },
      ],
    },
    want: '    ahead of it: g (role s), 10 % against 25 %',
  },
  'who is ahead, by the number of offers': {
    message: {
      standings: [
        {
          ...standing,
          position: 9,
          ahead: [{framework_name: 'g', role: 's', between: 'roles', theirs: side('s', 0.1), ours: side('rr', 0.1)}],
        },
      ],
    },
    want: '    ahead of it: g (role s), 10 % against 10 %, given 1 times against 2',
  },
  'that not all are shown': {message: {clients: 3, standings: [standing]}, want: '… and 2 more'},
};
for (const [title, {message, want}] of Object.entries(rows)) {
  test(`says ${title}`, t => {
    const lines = explanationText({...EMPTY, ...message});
    t.true(lines.includes(want), lines.join('\n'));
  });
}

test('what is not known is said with what is', t => {
  t.is(
    unknownText({error: 'There is no role x', known: ['a', 'b'], known_count: 7}),
    'There is no role x. There are: a, b and 5 more',
  );
  t.is(unknownText({error: 'There is no agent x', known_count: 0}), 'There is no agent x, nor any other');
});
