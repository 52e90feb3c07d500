import type {Explanation, Unknown} from '../allocator/explain/explain.ts';
import type {ComparedRun, ReplayedRun} from '../allocator/journal/replay.ts';
import type {Allocation} from '../allocator/records.ts';
import {formatResources} from '../allocator/text-form.ts';
import type {Result} from '../lib/result.ts';

/** What a replay came to. */
export type Totals = {
  readonly firstMs: number;
  lastMs: number;
  inputs: number;
  runs: number;
  /** Runs that decided as the journal says. */
  agreeing: number;
};

const time = (ms: number): string => new Date(ms).toISOString();
const whole = (n: number): string => Math.round(n).toLocaleString('en-US');

export function summaryText({firstMs, lastMs, inputs, runs, agreeing}: Totals, tookMs: number): string {
  const spanMs = lastMs - firstMs;
  const factor = tookMs > 0 ? spanMs / tookMs : 0;
  const same =
    agreeing === runs ? 'all as in the journal, byte for byte' : `${whole(runs - agreeing)} NOT as in the journal`;
  return [
    `${whole(inputs)} inputs from ${time(firstMs)} to ${time(lastMs)} (${(spanMs / 1000).toFixed(1)} s)`,
    `${whole(runs)} runs: ${same}`,
    `replayed in ${(tookMs / 1000).toFixed(2)} s, ${whole(factor)} times as fast as it happened`,
  ].join('\n');
}

export const runText = ({atMs, allocations}: ReplayedRun): string[] => [
  `${time(atMs)} ${allocations.length} hand-outs`,
  ...allocations.map(one => `  ${allocationText(one)}`),
];

const allocationText = ({frameworkId, role, agentId, resources}: Allocation): string =>
  `${agentId} -> ${frameworkId} (${role}) ${formatResources(resources)}`;

/** How many runs to show in full. */
const SHOWN = 3;

type RoleSum = {offers: number; milli: Map<string, number>};

/** Adds up what two policies handed out to each role. */
export class Differences {
  readonly #actual = new Map<string, RoleSum>();
  readonly #other = new Map<string, RoleSum>();
  readonly #shown: string[] = [];
  #runs = 0;
  #different = 0;

  add({atMs, actual, other}: ComparedRun): void {
    this.#runs++;
    for (const one of actual) count(this.#actual, one);
    for (const one of other) count(this.#other, one);
    const [were, wouldBe] = [actual.map(allocationText), other.map(allocationText)];
    if (were.join() === wouldBe.join()) return;
    if (++this.#different > SHOWN) return;
    const [old, fresh] = [new Set(were), new Set(wouldBe)];
    this.#shown.push(
      time(atMs),
      ...were.filter(line => !fresh.has(line)).map(line => `- ${line}`),
      ...wouldBe.filter(line => !old.has(line)).map(line => `+ ${line}`),
    );
  }

  text(): string[] {
    const roles = [...new Set([...this.#actual.keys(), ...this.#other.keys()])].sort();
    return [
      `${whole(this.#different)} of ${whole(this.#runs)} runs would have decided otherwise${this.#different > SHOWN ? `, the first ${SHOWN} are` : ''}`,
      ...this.#shown,
      `${'role'.padEnd(24)}${'offers: were'.padStart(14)}${'would be'.padStart(14)}  resources: were; would be`,
      ...roles.map(role => this.#line(role)),
    ];
  }

  #line(role: string): string {
    const [were, wouldBe] = [this.#actual.get(role), this.#other.get(role)];
    const offers = `${whole(were?.offers ?? 0).padStart(14)}${whole(wouldBe?.offers ?? 0).padStart(14)}`;
    return `${role.padEnd(24)}${offers}  ${amounts(were)}; ${amounts(wouldBe)}`;
  }
}

function count(sums: Map<string, RoleSum>, {role, resources}: Allocation): void {
  const sum = sums.get(role) ?? {offers: 0, milli: new Map()};
  sums.set(role, sum);
  sum.offers++;
  for (const [name, milli] of resources.milli) sum.milli.set(name, (sum.milli.get(name) ?? 0) + milli);
}

const amounts = (sum: RoleSum | undefined): string =>
  sum === undefined ? '-' : [...sum.milli].map(([name, milli]) => `${name}:${Math.round(milli / 1000)}`).join(' ');

/** Why there are no offers: reasons with counts and an example of each. */
export function explanationText(answer: Result<Explanation, Unknown>): string[] {
  if (!answer.ok) {
    const {kind, id, known} = answer.error;
    return [`There is no ${kind} ${id}; known: ${known.join(', ') || 'none'}`];
  }
  const {reasons, judged, agents, clients} = answer.value;
  return [
    `why, over ${whole(clients)} clients and ${whole(agents)} agents (${whole(judged)} pairs looked at)`,
    ...reasons.flatMap(({reason, pairs, examples}) => [
      `${whole(pairs).padStart(10)}  ${reason}`,
      ...examples
        .slice(0, 1)
        .map(({frameworkId, role, agentId}) => `            as for ${frameworkId} (${role}) on ${agentId}`),
    ]),
  ];
}
