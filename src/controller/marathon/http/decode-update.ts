import {checkJson, type Violation} from '../../../api/marathon/v2/check-json.ts';
import type {MarathonError} from '../../../api/marathon/v2/errors.ts';
import {translateOlderFields} from '../../../api/marathon/v2/older-fields.ts';
import {MARATHON_APPS, type MarathonAppSpec} from '../../../crds/marathon-app.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {versionAt} from '../core/ids.ts';
import {isPath} from './path-id.ts';

type Json = Record<string, unknown>;

export type Update = {
  /** As it was written: it may be relative. */
  readonly id: string | undefined;
  /** The fields that were given, known and of the right type; without `id`. */
  readonly fields: Json;
  /** Paths of fields that nobody knows. */
  readonly unknown: readonly string[];
  /** Of an update in part: a wish to go back to an older version. An app that is there takes no fields with it. */
  readonly version: string | undefined;
  /** What that version was; absent until it was looked up, and when it is not kept. */
  readonly former?: MarathonAppSpec;
};

export type DecodeOptions = {
  /** A definition, not a change of one: its version is only what a GET showed. */
  readonly whole: boolean;
  /** The id stands in the body, and nowhere else. */
  readonly needsId: boolean;
  /** Where in the body the app is, such as `(1)`; put before paths. */
  readonly at?: string;
};

/** Fields that Marathon shows and ignores when they come back. */
const OUTPUT_ONLY = new Set([
  'version',
  'versionInfo',
  'tasksStaged',
  'tasksRunning',
  'tasksHealthy',
  'tasksUnhealthy',
  'deployments',
  'tasks',
  'lastTaskFailure',
  'readinessCheckResults',
  'tasksStats',
]);

/** Reads an app of a POST, PUT or PATCH: types, ranges and patterns, not the rules over several fields. */
export function decodeUpdate(body: unknown, {whole, needsId, at = ''}: DecodeOptions): Result<Update, MarathonError> {
  if (!isJson(body)) return err(wrongTypes([{path: at || '/', errors: ['error.expected.jsobject']}]));
  const {id, ...rest} = body;
  const {app, violations: older, conflicts} = translateOlderFields(rest);
  const shown = Object.fromEntries(Object.entries(app).filter(([name]) => !OUTPUT_ONLY.has(name)));
  const {value, violations, unknown} = checkJson(MARATHON_APPS.spec, shown, at);
  const wrong = [...idViolations(id, needsId, at), ...moved(older, at), ...violations];
  if (wrong.length > 0) return err(wrongTypes(wrong));
  if (conflicts.length > 0) return err({kind: 'invalid-object', violations: moved(conflicts, at)});
  const update = {id: typeof id === 'string' ? id : undefined, fields: isJson(value) ? value : {}, unknown};
  return whole ? ok({...update, version: undefined}) : withVersion(update, rest['version'], at);
}

function withVersion(update: Omit<Update, 'version'>, version: unknown, at: string): Result<Update, MarathonError> {
  if (version === undefined || version === null) return ok({...update, version: undefined});
  if (typeof version !== 'string')
    return err(wrongTypes([{path: `${at}/version`, errors: ['error.expected.jsstring']}]));
  const kept = versionFrom(version);
  return kept === undefined ? err(badVersion(version)) : ok({...update, version: kept});
}

export const badVersion = (text: string): MarathonError => ({
  kind: 'bad-parameter',
  message: `Invalid timestamp provided '${text}'.`,
});

/** A version as it is kept, from one that a client wrote; undefined: it is none. */
export const versionFrom = (text: string): string | undefined =>
  isTimestamp(text) ? versionAt(Date.parse(text)) : undefined;

/** As Marathon writes its versions, or with another zone or no fraction. */
const isTimestamp = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.]\d{1,9})?(Z|[+-]\d\d:?\d\d)$/.test(text) && !Number.isNaN(Date.parse(text));

function idViolations(id: unknown, needed: boolean, at: string): Violation[] {
  const violation = (code: string): Violation[] => [{path: `${at}/id`, errors: [code]}];
  if (id === undefined || id === null) return needed ? violation('error.path.missing') : [];
  if (typeof id !== 'string') return violation('error.expected.jsstring');
  return isPath(id) ? [] : violation('error.pattern');
}

const wrongTypes = (violations: readonly Violation[]): MarathonError => ({kind: 'wrong-types', violations});

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

export const moved = (violations: readonly Violation[], at: string): Violation[] =>
  violations.map(({path, errors}) => ({path: at === '' ? path : `${at}${path === '/' ? '' : path}`, errors}));
