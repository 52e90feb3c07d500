import {Type} from 'typebox';
import {MARATHON_APPS} from '../../../crds/marathon-app.ts';
import {type Exchange, NO_BODY} from '../../web/route.ts';
import {fail, finish} from './answers.ts';
import {appInfo} from './app-json.ts';
import {GROUP_EMBEDS, type GroupOptions} from './group-json.ts';
import type {MarathonDoors, MarathonRoute} from './marathon-doors.ts';
import {embedsOf, flagOf, QUERY, textsOf} from './query.ts';
import {DEPLOYMENT_RESULT, GROUP} from './schemas.ts';

const LEADER = {answeredBy: 'leader-by-proxy'} as const;
const VIEW = {...LEADER, method: 'GET', permission: 'view', body: NO_BODY} as const;
const CHANGE = {...LEADER, permission: 'change-apps', answer: DEPLOYMENT_RESULT} as const;
const BODY = {kind: 'json', schema: GROUP} as const;
const {force} = QUERY;
const embed =
  'What to show; may be repeated: `group.apps`, `group.groups`, `group.pods` (all three when nothing is named), and of ' +
  'each app `group.apps.tasks`, `.counts`, `.deployments`, `.readiness`, `.lastTaskFailure`, `.taskStats`.';

/** Everything below /v2/groups. Without an id it is about the root. */
export const GROUP_ROUTES: readonly MarathonRoute[] = [
  {
    ...VIEW,
    path: '/v2/groups/{id*}/apps',
    does: 'Lists the apps of a group, at any depth.',
    query: {embed: QUERY.embed},
    answer: Type.Array(MARATHON_APPS.spec),
    handle: listApps,
  },
  {
    ...VIEW,
    path: '/v2/groups/{id*}',
    does: 'Shows a group with everything inside.',
    query: {embed},
    answer: GROUP,
    handle: ({request, response, params: {id = ''}}, {groups, access}) => {
      const shown = groups.show(id, optionsOf({request}, access.nowMs()));
      if (shown.ok) response.json(shown.value);
      else fail(response, shown.error);
    },
  },
  {
    ...CHANGE,
    method: 'POST',
    path: '/v2/groups/{id*}',
    does: 'Creates a group with apps and groups inside, as one deployment.',
    body: BODY,
    query: {force},
    handle: async ({request, response, params: {id = ''}, body}, {groups}) =>
      finish(response, await groups.create(id, body, flagOf(request, 'force'))),
  },
  {
    ...CHANGE,
    method: 'PUT',
    path: '/v2/groups/{id*}',
    does: 'Changes or creates a group: apps and groups that a list leaves out are deleted. `scaleBy` multiplies instances.',
    body: BODY,
    query: {force, dryRun: 'Only shows the steps.'},
    handle: update,
  },
  {
    ...CHANGE,
    method: 'PATCH',
    path: '/v2/groups/{id*}',
    does: 'Sets whether apps of a top-level group have the group’s name for their role.',
    body: {kind: 'json', schema: Type.Object({enforceRole: Type.Boolean()})},
    answers: [],
    handle: patch,
  },
  {
    ...CHANGE,
    method: 'DELETE',
    path: '/v2/groups/{id*}',
    does: 'Deletes a group with everything inside.',
    body: NO_BODY,
    query: {force},
    handle: async ({request, response, params: {id = ''}}, {groups}) =>
      finish(response, await groups.remove(id, flagOf(request, 'force'))),
  },
];

/** Who names what to show gets nothing else. */
function optionsOf({request}: Pick<Exchange, 'request'>, nowMs: number): GroupOptions {
  const embeds = textsOf(request, 'embed').length === 0 ? GROUP_EMBEDS : embedsOf(request, []);
  return {embeds, nowMs};
}

function listApps({request, response, params: {id = ''}}: Exchange, {apps, access}: MarathonDoors): void {
  const inside = apps.inGroup(id);
  if (!inside.ok) return fail(response, inside.error);
  const options = {embeds: embedsOf(request, []), nowMs: access.nowMs()};
  response.json(inside.value.map(app => appInfo(app, options)));
}

async function update({request, response, params: {id = ''}, body}: Exchange, {groups}: MarathonDoors): Promise<void> {
  if (!flagOf(request, 'dryRun')) return finish(response, await groups.update(id, body, flagOf(request, 'force')));
  const steps = await groups.dryRun(id, body);
  if (steps.ok) response.json({steps: steps.value});
  else fail(response, steps.error);
}

async function patch({response, params: {id = ''}, body}: Exchange, {groups}: MarathonDoors): Promise<void> {
  const enforceRole: unknown =
    typeof body === 'object' && body !== null && 'enforceRole' in body ? body.enforceRole : undefined;
  if (typeof enforceRole !== 'boolean') {
    const code = enforceRole === undefined ? 'error.path.missing' : 'error.expected.jsboolean';
    return fail(response, {kind: 'wrong-types', violations: [{path: '/enforceRole', errors: [code]}]});
  }
  const changed = await groups.enforceRole(id, enforceRole);
  if (changed.ok) response.status(200).end();
  else fail(response, changed.error);
}
