import type {Violation} from '../../../api/marathon/v2/check-json.ts';
import {checkJson} from '../../../api/marathon/v2/check-json.ts';
import type {MarathonError} from '../../../api/marathon/v2/errors.ts';
import {checkLimit, explainTooMuch} from '../../../lib/limits.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {badVersion, decodeUpdate, type Update, versionFrom} from './decode-update.ts';
import {isPath} from './path-id.ts';
import {GROUP_FIELDS} from './schemas.ts';

/** A group of a POST or PUT, with what is inside. What is absent stays as it is. */
export type GroupUpdate = {
  /** As it was written: it may be relative, and is absent where the URL names the group. */
  readonly id: string | undefined;
  /** Where in the body the group is, such as `/groups(0)`; before paths. */
  readonly at: string;
  readonly apps: readonly AppInGroup[] | undefined;
  readonly groups: readonly GroupUpdate[] | undefined;
  /** Paths, absolute or relative to the group. */
  readonly dependencies: readonly string[] | undefined;
  readonly enforceRole: boolean | undefined;
  readonly unknown: readonly string[];
};

export type AppInGroup = {readonly at: string; readonly update: Update};

/** One of three kinds of change. */
export type GroupChange =
  | {readonly kind: 'structure'; readonly group: GroupUpdate}
  | {readonly kind: 'scale'; readonly id: string | undefined; readonly scaleBy: number}
  | {readonly kind: 'rollback'; readonly id: string | undefined; readonly version: string};

type Json = Readonly<Record<string, unknown>>;

/** Reads the body of a POST or PUT: types, ranges and patterns, not the rules over several fields. */
export function decodeGroup(body: unknown): Result<GroupChange, MarathonError> {
  const walk: Walk = {types: [], rules: [], apps: 0};
  const read = readGroup(body, '', walk);
  if (walk.types.length > 0) return err({kind: 'wrong-types', violations: walk.types});
  if (walk.rules.length > 0) return err({kind: 'invalid-object', violations: walk.rules});
  const tooMany = checkLimit('appsInChange', walk.apps);
  if (tooMany !== undefined) return err({kind: 'bad-parameter', message: explainTooMuch(tooMany)});
  const {scaleBy, version, group} = read;
  const mixed = Object.entries({version, scaleBy, structure: structure(group)}).flatMap(([name, part]) =>
    part === undefined ? [] : [name],
  );
  if (mixed.length > 1) return err({kind: 'invalid-object', violations: [{path: `/${mixed[0]}`, errors: [ALONE]}]});
  if (scaleBy !== undefined) return ok({kind: 'scale', id: group.id, scaleBy});
  if (version === undefined) return ok({kind: 'structure', group});
  const wanted = versionFrom(version);
  return wanted === undefined ? err(badVersion(version)) : ok({kind: 'rollback', id: group.id, version: wanted});
}

const ALONE = 'not allowed in conjunction with other properties';
const INSIDE = 'not allowed in a group inside';

const structure = ({apps, groups, dependencies, enforceRole}: GroupUpdate): unknown =>
  apps ?? groups ?? dependencies ?? enforceRole;

type Walk = {readonly types: Violation[]; readonly rules: Violation[]; apps: number};
type Read = {readonly group: GroupUpdate; readonly scaleBy: number | undefined; readonly version: string | undefined};

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const present = (value: unknown): boolean => value !== undefined && value !== null;

function readGroup(body: unknown, at: string, walk: Walk): Read {
  const {apps, groups, pods: _pods, ...rest} = isJson(body) ? body : {};
  if (!isJson(body)) walk.types.push({path: at || '/', errors: ['error.expected.jsobject']});
  const {value, violations, unknown} = checkJson(GROUP_FIELDS, rest, at);
  walk.types.push(...violations);
  const {id, dependencies, enforceRole, scaleBy, version} = (value ?? {}) as Fields;
  if (at !== '' && id === undefined && isJson(body))
    walk.types.push({path: `${at}/id`, errors: ['error.path.missing']});
  if (id !== undefined && !isPath(id)) walk.types.push({path: `${at}/id`, errors: ['error.pattern']});
  for (const [index, path] of (dependencies ?? []).entries()) {
    if (!isPath(path)) walk.types.push({path: `${at}/dependencies(${index})`, errors: ['error.pattern']});
  }
  if (at !== '' && scaleBy !== undefined) walk.rules.push({path: `${at}/scaleBy`, errors: [INSIDE]});
  const group: GroupUpdate = {
    ...{id, at, dependencies, enforceRole, unknown},
    apps: present(apps)
      ? listOf(apps, `${at}/apps`, walk).flatMap((app, i) => readApp(app, `${at}/apps(${i})`, walk))
      : undefined,
    groups: present(groups)
      ? listOf(groups, `${at}/groups`, walk).map((inner, i) => readGroup(inner, `${at}/groups(${i})`, walk).group)
      : undefined,
  };
  return {group, scaleBy, version};
}

/** What GROUP_FIELDS lets through. */
type Fields = {
  readonly id?: string;
  readonly dependencies?: readonly string[];
  readonly enforceRole?: boolean;
  readonly scaleBy?: number;
  readonly version?: string;
};

function listOf(value: unknown, path: string, {types}: Walk): readonly unknown[] {
  if (Array.isArray(value)) return value;
  types.push({path, errors: ['error.expected.jsarray']});
  return [];
}

function readApp(app: unknown, at: string, walk: Walk): AppInGroup[] {
  walk.apps += 1;
  const update = decodeUpdate(app, {whole: true, needsId: true, at});
  if (update.ok) return [{at, update: update.value}];
  const {error} = update;
  if (error.kind === 'wrong-types') walk.types.push(...error.violations);
  if (error.kind === 'invalid-object') walk.rules.push(...error.violations);
  return [];
}
