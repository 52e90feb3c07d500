import {toFrameworkId} from '../../allocator/ids.ts';
import type {MarathonError} from '../../api/marathon/v2/errors.ts';
import {ok, type Result} from '../../lib/result.ts';
import type {AppToPlace} from '../../what-if/placer.ts';
import type {LiveCluster} from '../../what-if/what-if.ts';
import {normaliseApp} from '../marathon/core/apps/app.ts';
import {toAppId} from '../marathon/core/ids.ts';
import type {ReadonlyApp} from '../marathon/core/state.ts';
import {completeSpec, mergeFields} from '../marathon/http/complete-spec.ts';
import {decodeUpdate} from '../marathon/http/decode-update.ts';
import {settingsOf} from '../marathon/flags.ts';
import type {Marathon} from '../marathon/marathon.ts';

const CAPABILITIES = ['PARTITION_AWARE', 'REGION_AWARE', 'MULTI_ROLE', 'TASK_KILLING_STATE'];

/** An app from Marathon's JSON. Of an app that is there, what is not given stays, and only more instances are placed. */
export function appToPlace(
  json: unknown,
  marathon: Pick<Marathon, 'app' | 'frameworkId' | 'flags'>,
  {options}: LiveCluster,
): Result<AppToPlace, MarathonError> {
  const update = decodeUpdate(json, {whole: true, needsId: true, at: '/app'});
  if (!update.ok) return update;
  const {id: path = '', fields} = update.value;
  const id = toAppId(path.startsWith('/') ? path : `/${path}`);
  const {defaults} = settingsOf(marathon.flags);
  const there = marathon.app(id);
  const spec = completeSpec(id, there?.definition ? mergeFields(there.definition.spec, fields) : fields, defaults.role);
  if (!spec.ok) return spec;
  const definition = normaliseApp(id, spec.value, defaults);
  if (!definition.ok)
    return {ok: false, error: {kind: 'invalid-object', violations: [{path: '/app', errors: [definition.error]}]}};
  const placed = placedAgents(there);
  return ok({
    definition: definition.value,
    role: definition.value.role,
    frameworkId: toFrameworkId(marathon.frameworkId() ?? 'marathon'),
    capabilities: CAPABILITIES,
    wanted: Math.max(0, definition.value.instances - placed.length),
    placed,
    servicePorts: there?.servicePorts ?? [],
    homeRegion: options.domain?.region,
  });
}

const placedAgents = (app: ReadonlyApp | undefined): AppToPlace['placed'] =>
  [...(app?.instances.values() ?? [])].flatMap(({goal, task}) => (goal === 'Running' && task ? [task.agent] : []));
