import type {Violation} from '../../../api/marathon/v2/check-json.ts';
import type {MarathonError} from '../../../api/marathon/v2/errors.ts';
import {decodeObject} from '../../../crds/kind.ts';
import {MARATHON_APPS, type MarathonAppSpec} from '../../../crds/marathon-app.ts';
import {appViolations} from '../../../crds/marathon-app-rules.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {resolvePath, type AppId} from '../core/ids.ts';
import {isPath} from './path-id.ts';

type Json = Record<string, unknown>;

/** Fills in defaults and checks the rules over several fields. @returns the spec without `id` */
export function completeSpec(id: AppId, fields: Json, defaultRole: string): Result<MarathonAppSpec, MarathonError> {
  const decoded = decodeObject(MARATHON_APPS, {
    apiVersion: 'mesos.dev/v1',
    kind: 'MarathonApp',
    metadata: {name: 'app'},
    spec: withoutEmptyArgs(fields),
  });
  if (!decoded.ok) {
    const violations = decoded.error.map(issue => ({
      path: issue.path.replace(/^spec/, '').replaceAll('.', '/') || '/',
      errors: [issue.message],
    }));
    return err({kind: 'wrong-types', violations});
  }
  const {spec} = decoded.value;
  const {dependencies = []} = spec;
  const strange = dependencies.flatMap((path, index) => (isPath(path) ? [] : [badDependency(index)]));
  if (strange.length > 0) return err({kind: 'wrong-types', violations: strange});
  const violations = appViolations(spec, defaultRole);
  if (violations.length > 0) return err({kind: 'invalid-object', violations});
  if (spec.dependencies === undefined) return ok(spec);
  return ok({...spec, dependencies: dependencies.map(path => resolvePath(path, id))});
}

const badDependency = (index: number): Violation => ({path: `/dependencies(${index})`, errors: ['error.pattern']});

/** `[]` clears the arguments; the kind knows only an absent field for that. */
function withoutEmptyArgs({args, ...fields}: Json): Json {
  return args === undefined || (Array.isArray(args) && args.length === 0) ? fields : {...fields, args};
}

/**
 * A field that is given replaces the whole field; what contradicts it goes. Limits and what an
 * executor needs are always the update's.
 */
export function mergeFields(spec: MarathonAppSpec, fields: Json): Json {
  const {id: _id, resourceLimits: _limits, executorResources: _executor, ports, ...kept} = spec;
  return {...kept, ...('portDefinitions' in fields || ports === undefined ? {} : {ports}), ...fields};
}
