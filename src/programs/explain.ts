import {explanationSchema, unknownSchema} from '../api/mesos/explanation.ts';
import {taskPolicySchema} from '../api/mesos/task-policy-answer.ts';
import {decodeJson} from '../api/mesos/v1/json.ts';
import {explanationText, unknownText} from '../clients/explanation-text.ts';
import {taskPolicyText} from '../clients/task-policy-text.ts';
import type {FlagValues} from '../lib/flags.ts';
import {err, ok, type Result} from '../lib/result.ts';
import type {EXPLAIN_FLAGS} from './explain-flags.ts';
import type {Surroundings} from './program.ts';

type Answer = {readonly status: number; readonly body: unknown};

const TIMEOUT_MS = 10_000;

/** Asks a master why frameworks got no offers, or what tasks may do, and prints what it says. */
export async function runExplain(
  {master, json, policy, ...query}: FlagValues<typeof EXPLAIN_FLAGS>,
  {print, complain}: Pick<Surroundings, 'print' | 'complain'>,
): Promise<number> {
  const answer = await ask(master, policy ? '/task-policy' : '/allocator/explain', query);
  const lines = answer.ok ? (policy ? policyLines : linesOf)(answer.value, json) : answer;
  if (!lines.ok) {
    complain(lines.error);
    return 1;
  }
  for (const line of lines.value) print(line);
  return 0;
}

function linesOf({status, body}: Answer, json: boolean): Result<readonly string[], string> {
  const unknown = decodeJson(unknownSchema, body);
  if (status === 404 && unknown.ok) return err(unknownText(unknown.value));
  const decoded = decodeJson(explanationSchema, body);
  if (status !== 200 || !decoded.ok) return err(`the master answered ${status}: ${decoded.ok ? '' : decoded.error}`);
  return ok(json ? [JSON.stringify(body, undefined, 2)] : explanationText(decoded.value));
}

function policyLines({status, body}: Answer, json: boolean): Result<readonly string[], string> {
  const decoded = decodeJson(taskPolicySchema, body);
  if (status !== 200 || !decoded.ok) return err(`the master answered ${status}: ${decoded.ok ? '' : decoded.error}`);
  return ok(json ? [JSON.stringify(body, undefined, 2)] : taskPolicyText(decoded.value));
}

async function ask(
  master: string,
  path: string,
  query: Readonly<Record<'framework' | 'role' | 'agent', string | undefined>>,
): Promise<Result<Answer, string>> {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) asked.set(name, value);
  try {
    const url = new URL(`${path}?${asked}`, withScheme(master));
    const response = await fetch(url, {signal: AbortSignal.timeout(TIMEOUT_MS)});
    const text = await response.text();
    const isJson = response.headers.get('Content-Type')?.startsWith('application/json') === true;
    return isJson
      ? ok({status: response.status, body: JSON.parse(text)})
      : err(`${url.origin} answered ${response.status}: ${text}`);
  } catch (error) {
    return err(`can't ask ${master}: ${reasonOf(error)}`);
  }
}

const withScheme = (master: string): string => (master.includes('://') ? master : `http://${master}`);

/** What went wrong is in the cause; the message says only that something did. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
