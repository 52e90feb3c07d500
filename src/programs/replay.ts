import {createReadStream, readFileSync} from 'node:fs';
import {createInterface} from 'node:readline';
import {compilePattern} from '../allocator/eligibility/pattern.ts';
import {toAgentId, toFrameworkId} from '../allocator/ids.ts';
import type {Beginning, Recorded} from '../allocator/journal/lines.ts';
import {JournalReader} from '../allocator/journal/lines.ts';
import type {MatcherOf} from '../allocator/journal/spec-json.ts';
import type {Policy} from '../allocator/journal/replay.ts';
import {PolicyComparison, Replay} from '../allocator/journal/replay.ts';
import type {FlagValues} from '../lib/flags.ts';
import type {Result} from '../lib/result.ts';
import {err, ok} from '../lib/result.ts';
import {parseDuration} from '../lib/units.ts';
import type {Surroundings} from './program.ts';
import type {REPLAY_FLAGS} from './replay-flags.ts';
import {parsePolicy} from './replay-policy.ts';
import {Differences, explanationText, runText, summaryText, type Totals} from './replay-report.ts';

type Flags = FlagValues<typeof REPLAY_FLAGS>;

/** Decides again what a journal says was decided. Exit code 1: something was decided differently. */
export async function runReplay(flags: Flags, surroundings: Surroundings): Promise<number> {
  const policy = policyOf(flags);
  const result = policy.ok ? await replayFile(flags, policy.value, surroundings) : policy;
  if (result.ok) return result.value ? 0 : 1;
  surroundings.complain(result.error);
  return 1;
}

function policyOf({policy}: Flags): Result<Policy | undefined, string> {
  if (policy === undefined) return ok(undefined);
  const text = policy.trimStart().startsWith('{') ? ok(policy) : readText(policy);
  const parsed = text.ok ? parsePolicy(text.value) : text;
  return parsed.ok ? parsed : err(`--policy: ${parsed.error}`);
}

function readText(path: string): Result<string, string> {
  try {
    return ok(readFileSync(path, 'utf8'));
  } catch (error) {
    return err(`can't read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The master refused what was too large when it came. */
const matcherOf: MatcherOf = pattern => {
  const compiled = compilePattern(pattern, {programSize: Number.MAX_SAFE_INTEGER, length: Number.MAX_SAFE_INTEGER});
  return compiled.ok ? compiled.value : () => false;
};

/** What each input is told to, and what is printed of it. */
type Session = {
  readonly totals: Totals;
  readonly apply: (recorded: Recorded) => void;
  readonly finish: () => void;
};

async function replayFile(
  flags: Flags,
  policy: Policy | undefined,
  {print}: Surroundings,
): Promise<Result<boolean, string>> {
  const startedMs = performance.now();
  const reader = new JournalReader(matcherOf);
  let session: Session | undefined;
  let endMs = Number.POSITIVE_INFINITY;
  try {
    for await (const line of linesOf(flags.file)) {
      const read = reader.read(line);
      if (!read.ok) return err(`${flags.file}: ${read.error}`);
      if (read.value === undefined) continue;
      if (session === undefined) {
        const beginning = reader.beginning();
        if (beginning === undefined) break;
        const until = untilMs(flags.until, beginning.beganMs);
        if (!until.ok) return until;
        endMs = until.value;
        session = newSession(beginning, flags, policy, print);
      }
      if (read.value.atMs > endMs) break;
      session.apply(read.value);
    }
  } catch (error) {
    return err(`${flags.file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (session === undefined) return err(`${flags.file}: there is nothing to replay`);
  const tookMs = performance.now() - startedMs;
  session.finish();
  print(summaryText(session.totals, tookMs));
  return ok(session.totals.agreeing === session.totals.runs);
}

function linesOf(file: string): AsyncIterable<string> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  return createInterface({input, crlfDelay: Number.POSITIVE_INFINITY});
}

function untilMs(text: string | undefined, beganMs: number): Result<number, string> {
  if (text === undefined) return ok(Number.POSITIVE_INFINITY);
  const since = parseDuration(text);
  if (since.ok) return ok(beganMs + since.value);
  const at = Date.parse(text);
  return Number.isNaN(at)
    ? err(`--until: want a time as in 2026-11-22T10:00:00Z, or a duration as in 90secs, got "${text}"`)
    : ok(at);
}

function newSession(
  beginning: Beginning,
  flags: Flags,
  policy: Policy | undefined,
  print: (line: string) => void,
): Session {
  const totals: Totals = {firstMs: beginning.beganMs, lastMs: beginning.beganMs, inputs: 0, runs: 0, agreeing: 0};
  const differences = new Differences();
  const replay = new Replay(beginning);
  const comparison = policy && new PolicyComparison(beginning, policy);
  return {
    totals,
    apply: recorded => {
      totals.inputs++;
      totals.lastMs = recorded.atMs;
      const compared = comparison?.apply(recorded);
      if (compared !== undefined) differences.add(compared);
      const run = replay.apply(recorded);
      if (run === undefined) return;
      totals.runs++;
      if (run.agrees) totals.agreeing++;
      else print(`${new Date(run.atMs).toISOString()}: another decision than the journal says`);
      if (flags.decisions) for (const line of runText(run)) print(line);
    },
    finish: () => {
      if (comparison !== undefined) for (const line of differences.text()) print(line);
      if (!flags.explain) return;
      const {role, framework, agent} = flags;
      const query = {
        ...(role !== undefined && {role}),
        ...(framework !== undefined && {frameworkId: toFrameworkId(framework)}),
        ...(agent !== undefined && {agentId: toAgentId(agent)}),
      };
      for (const line of explanationText(replay.allocator.explain(query, totals.lastMs))) print(line);
    },
  };
}
