import {readFileSync} from 'node:fs';
import {parse} from 'yaml';
import {decodeJson} from '../api/mesos/v1/json.ts';
import {whatIfSchema} from '../api/mesos/what-if-answer.ts';
import {whatIfText} from '../clients/what-if-text.ts';
import type {FlagValues} from '../lib/flags.ts';
import {err, ok, type Result} from '../lib/result.ts';
import type {Surroundings} from './program.ts';
import type {WHAT_IF_FLAGS} from './what-if-flags.ts';

type Flags = FlagValues<typeof WHAT_IF_FLAGS>;

const TIMEOUT_MS = 30_000;

/** Asks a master what would happen with an app or a change of a role, and prints what it says. */
export async function runWhatIf(
  flags: Flags,
  {print, complain}: Pick<Surroundings, 'print' | 'complain'>,
): Promise<number> {
  const question = questionOf(flags);
  const answer = question.ok ? await ask(flags.master, question.value) : question;
  const lines = answer.ok ? linesOf(answer.value, flags.json) : answer;
  if (!lines.ok) {
    complain(lines.error);
    return 1;
  }
  for (const line of lines.value) print(line);
  return 0;
}

function questionOf({app, role, weight, guarantees, limits}: Flags): Result<object, string> {
  const spec = app === undefined ? ok(undefined) : readApp(app);
  if (!spec.ok) return spec;
  const change = {weight, guarantees, limits};
  const given = Object.entries(change).find(([, value]) => value !== undefined);
  if (role === undefined && given !== undefined) return err(`--${given[0]}: want --role with it`);
  if (role === undefined && app === undefined) return err('want an app, or --role and what changes');
  const amounts = [readAmounts('guarantees', guarantees), readAmounts('limits', limits)] as const;
  for (const read of amounts) if (!read.ok) return read;
  const [newGuarantees, newLimits] = amounts.map(read => (read.ok ? read.value : undefined));
  const changed = {
    name: role,
    ...(weight !== undefined && {weight}),
    ...(newGuarantees !== undefined && {guarantees: newGuarantees}),
    ...(newLimits !== undefined && {limits: newLimits}),
  };
  return ok({...(spec.value !== undefined && {app: spec.value}), ...(role !== undefined && {role: changed})});
}

function readApp(file: string): Result<unknown, string> {
  try {
    return ok(parse(readFileSync(file === '-' ? 0 : file, 'utf8')));
  } catch (error) {
    return err(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** `cpus:4;mem:8192`, or `none`. */
function readAmounts(flag: string, text: string | undefined): Result<object | null | undefined, string> {
  if (text === undefined || text === 'none') return ok(text === undefined ? undefined : null);
  const pairs = text.split(';').map(part => part.split(':'));
  const wrong = pairs.find(([name, amount, more]) => !name || !amount || more !== undefined || !(Number(amount) >= 0));
  if (wrong !== undefined) return err(`--${flag}: want amounts such as cpus:4;mem:8192 or none, got "${text}"`);
  return ok(Object.fromEntries(pairs.map(([name, amount]) => [name, Number(amount)])));
}

function linesOf(body: unknown, json: boolean): Result<readonly string[], string> {
  const decoded = decodeJson(whatIfSchema, body);
  if (!decoded.ok) return err(`the master's answer can't be read: ${decoded.error}`);
  return ok(json ? [JSON.stringify(body, undefined, 2)] : whatIfText(decoded.value));
}

async function ask(master: string, question: object): Promise<Result<unknown, string>> {
  try {
    const url = new URL('/allocator/what-if', master.includes('://') ? master : `http://${master}`);
    const headers = {'Content-Type': 'application/json'};
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, {method: 'POST', headers, body: JSON.stringify(question), signal});
    const text = await response.text();
    return response.ok ? ok(JSON.parse(text)) : err(`the master answered ${response.status}: ${text}`);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return err(`can't ask ${master}: ${error instanceof Error ? error.message : String(error)}${cause}`);
  }
}
