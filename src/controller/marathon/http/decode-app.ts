import {checkJson, type Violation} from '../../../api/marathon/v2/check-json.ts';
import type {MarathonError} from '../../../api/marathon/v2/errors.ts';
import {translateOlderFields} from '../../../api/marathon/v2/older-fields.ts';
import {decodeObject} from '../../../crds/kind.ts';
import {MARATHON_APPS, type MarathonAppSpec} from '../../../crds/marathon-app.ts';
import {appViolations} from '../../../crds/marathon-app-rules.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {type AppId, toAppId} from '../core/ids.ts';

type Json = Record<string, unknown>;

export type Update = {
  readonly id: AppId | undefined;
  /** The fields that were given, known and of the right type; without `id`. */
  readonly fields: Json;
  /** Paths of fields that nobody knows. */
  readonly unknown: readonly string[];
  /** A wish to go back to an older version. */
  readonly version: string | undefined;
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
  'executorResources',
]);
const RESERVED = new Set(['restart', 'tasks', 'versions', '.', '..']);
const SEGMENT = /^(([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])[.])*([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])$|^[.]{1,2}$/;

/** Reads the body of a POST, PUT or PATCH: types, ranges and patterns, not the rules over several fields. */
export function decodeUpdate(body: unknown): Result<Update, MarathonError> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return err({kind: 'wrong-types', violations: [{path: '/', errors: ['error.expected.jsobject']}]});
  }
  const {id, ...rest} = body as Json;
  const {app, conflicts} = translateOlderFields(rest);
  const shown = Object.fromEntries(Object.entries(app).filter(([name]) => !OUTPUT_ONLY.has(name)));
  const checked = checkJson(MARATHON_APPS.spec, shown);
  const violations = [...idViolations(id), ...checked.violations];
  if (violations.length > 0) return err({kind: 'wrong-types', violations});
  if (conflicts.length > 0) return err({kind: 'invalid-object', violations: conflicts});
  const version = (body as Json)['version'];
  return ok({
    id: typeof id === 'string' ? toAppId(id) : undefined,
    fields: checked.value as Json,
    unknown: checked.unknown,
    version: typeof version === 'string' ? version : undefined,
  });
}

function idViolations(id: unknown): Violation[] {
  if (id === undefined || id === null) return [];
  if (typeof id !== 'string') return [{path: '/id', errors: ['error.expected.jsstring']}];
  const valid = id
    .split('/')
    .filter(segment => segment !== '')
    .every(segment => SEGMENT.test(segment));
  return valid ? [] : [{path: '/id', errors: ['error.pattern']}];
}

/**
 * Makes an id of a path absolute: `//a`, `a` and `/a/` are `/a`; `.` and `..` are resolved against the root.
 */
export function absoluteId(path: string): Result<AppId, MarathonError> {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  const invalid = (error: string): Result<AppId, MarathonError> =>
    err({kind: 'invalid-object', violations: [{path: '/id', errors: [error]}]});
  if (segments.length === 0) return invalid('Path must contain at least one path element');
  const last = segments.at(-1) ?? '';
  if (RESERVED.has(last))
    return invalid(`must not end with any of the following reserved keywords: ${[...RESERVED].join(', ')}`);
  return ok(toAppId(`/${segments.join('/')}`));
}

/** Fills in defaults and checks the rules over several fields. @returns the spec without `id` */
export function completeSpec(fields: Json): Result<MarathonAppSpec, MarathonError> {
  const decoded = decodeObject(MARATHON_APPS, {
    apiVersion: 'mesos.dev/v1',
    kind: 'MarathonApp',
    metadata: {name: 'app'},
    spec: fields,
  });
  if (!decoded.ok) {
    const violations = decoded.error.map(issue => ({
      path: issue.path.replace(/^spec/, '').replaceAll('.', '/') || '/',
      errors: [issue.message],
    }));
    return err({kind: 'wrong-types', violations});
  }
  const violations = appViolations(decoded.value.spec, '*');
  return violations.length > 0 ? err({kind: 'invalid-object', violations}) : ok(decoded.value.spec);
}
