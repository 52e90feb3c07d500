import type {ExplanationMessage, UnknownMessage} from '../api/mesos/explanation.ts';

type Standing = NonNullable<ExplanationMessage['standings']>[number];
type Example = NonNullable<NonNullable<ExplanationMessage['reasons']>[number]['examples']>[number];

/** An explanation as lines for a person. */
export const explanationText = (explanation: ExplanationMessage): string[] => [
  ...heldOffLines(explanation),
  ...headLines(explanation),
  ...reasonLines(explanation),
  ...standingLines(explanation),
];

/** What was asked about does not exist: what does. */
export function unknownText({error, known = [], known_count}: UnknownMessage): string {
  const more = known_count > known.length ? ` and ${known_count - known.length} more` : '';
  return known.length === 0 ? `${error}, nor any other` : `${error}. There are: ${known.join(', ')}${more}`;
}

function heldOffLines({held_off, time}: ExplanationMessage): string[] {
  if (held_off === undefined) return [];
  const {agents, registered, until} = held_off;
  const left = Math.max(0, Math.ceil(until - time));
  return [`Offers are held back after a failover: ${registered} of ${agents} agents are back; for ${left} s at most.`];
}

function headLines({time, last_look, last_run, agents, clients, judged}: ExplanationMessage): string[] {
  const pairs = agents * clients;
  const sample = judged < pairs ? `, ${judged} of ${pairs} pairs looked at` : '';
  const subject = `${count(clients, 'framework and role', 'frameworks and roles')}, ${count(agents, 'agent', 'agents')}${sample}`;
  if (last_look === undefined) return [subject, 'No allocation run has looked at any agent yet.'];
  const look = `last allocation run ${ago(time, last_look)}`;
  if (last_run === undefined) return [subject, `${look}, nothing was ever offered`];
  const offered = `last offers ${ago(time, last_run.time)}: ${last_run.hand_outs} in a run for ${last_run.cause === 'periodic' ? 'the timer' : 'events'}`;
  return [subject, `${look}, ${offered}`];
}

function reasonLines({reasons = []}: ExplanationMessage): string[] {
  const [only] = reasons;
  const single = reasons.length === 1 && only?.pairs === 1 ? only.examples?.[0] : undefined;
  if (single !== undefined) return ['', `${who(single)}: ${single.text}`];
  const width = Math.max(0, ...reasons.map(({pairs}) => String(pairs).length));
  return reasons.flatMap(({reason, pairs, examples = []}) => [
    '',
    `${String(pairs).padStart(width)} × ${reason}`,
    ...examples.map(example => `${' '.repeat(width)}   ${who(example)}: ${example.text}`),
  ]);
}

const who = ({framework_name, role, agent_id, hostname}: Example): string =>
  `${framework_name} (role ${role}) on ${hostname ?? agent_id}`;

function standingLines({standings = [], clients}: ExplanationMessage): string[] {
  if (standings.length === 0) return [];
  const more = clients > standings.length ? [`… and ${clients - standings.length} more`] : [];
  return ['', 'Shares over weights, before and after the last offers, and now:', ...standings.flatMap(lines), ...more];
}

function lines(standing: Standing): string[] {
  const {framework_name, role, weight, role_shares, framework_shares, position, ahead = []} = standing;
  const first = `  ${framework_name} (role ${role}, weight ${weight}): role ${shares(role_shares)}, framework ${shares(framework_shares)}`;
  if (position === undefined) return [first];
  if (position === 0) return [`${first}; comes first now`];
  const others = ahead.map(
    ({framework_name: name, role: other, theirs, ours}) =>
      `    ahead of it: ${name} (role ${other}), ${percent(theirs.share)} against ${percent(ours.share)}${tie(theirs, ours)}`,
  );
  const rest = position > ahead.length ? [`    and ${position - ahead.length} more`] : [];
  return [first, ...others, ...rest];
}

const tie = (
  theirs: {readonly share: number; readonly hand_outs: number},
  ours: {readonly share: number; readonly hand_outs: number},
): string => (theirs.share === ours.share ? `, given ${theirs.hand_outs} times against ${ours.hand_outs}` : '');

const shares = ({before_run, after_run, now}: Standing['role_shares']): string =>
  `${percent(before_run)} → ${percent(after_run)}, now ${percent(now)}`;

const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;
const ago = (now: number, then: number): string => `${Math.max(0, Math.round((now - then) * 10) / 10)} s ago`;
const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;
