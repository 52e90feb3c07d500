import {legacyRoles} from '../../../api/mesos/legacy.ts';
import {decodeJson, encodeJson} from '../../../api/mesos/v1/json.ts';
import {
  quotaRequestSchema,
  quotaStatusSchema,
  type WeightInfo,
  weightInfoSchema,
} from '../../../api/mesos/v1/operator.ts';
import {err, ok} from '../../../lib/result.ts';
import {approves} from '../../access/authorizer.ts';
import {JSONP} from '../../web/jsonp.ts';
import {NO_BODY} from '../../web/route.ts';
import {quotaMessage, roleInputs, weightsMessage} from '../views/role-views.ts';
import {page} from './answers.ts';
import type {MasterRoute} from './master-doors.ts';
import {performs, type ReadCall} from './perform-call.ts';

const LEADER = {answeredBy: 'leader-by-redirect'} as const;
const PAGE = {...LEADER, method: 'GET', body: NO_BODY, permission: 'view', query: JSONP} as const;

const setQuota: ReadCall = ({body}) => {
  const decoded = decodeJson(quotaRequestSchema, body);
  if (!decoded.ok) return err({status: 400, message: decoded.error});
  return ok({type: 'SET_QUOTA', set_quota: {quota_request: decoded.value}});
};

const removeQuota: ReadCall = ({params: {role = ''}}) =>
  role === ''
    ? err({status: 400, message: 'Want a path such as /quota/<role>'})
    : ok({type: 'REMOVE_QUOTA', remove_quota: {role}});

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const updateWeights: ReadCall = ({body}) => {
  if (!isList(body)) return err({status: 400, message: 'Expected a list of {"role", "weight"}'});
  const infos: WeightInfo[] = [];
  for (const item of body) {
    const info = decodeJson(weightInfoSchema, item);
    if (!info.ok) return err({status: 400, message: info.error});
    infos.push(info.value);
  }
  return ok({type: 'UPDATE_WEIGHTS', update_weights: {weight_infos: infos}});
};

/** Roles, and `/quota` and `/weights` from before the v1 API: the same calls in other words. */
export const ROLE_ROUTES: readonly MasterRoute[] = [
  {
    ...PAGE,
    path: '/roles',
    does: 'Shows every known role with its weight, quota and resources.',
    handle: page((core, {sight}) => legacyRoles(roleInputs(core).filter(({name}) => approves(sight.roles, name)))),
  },
  {
    ...PAGE,
    path: '/quota/{role*}',
    does: 'Shows all quotas.',
    handle: page(core => encodeJson(quotaStatusSchema, quotaMessage(core))),
  },
  {
    ...LEADER,
    method: 'POST',
    path: '/quota/{role*}',
    does: 'Sets the quota of a role that has none: a guarantee that is its limit as well.',
    permission: 'change-quota',
    body: {kind: 'json'},
    handle: performs(setQuota),
  },
  {
    ...LEADER,
    method: 'DELETE',
    path: '/quota/{role*}',
    does: 'Removes the quota of a role.',
    permission: 'change-quota',
    body: NO_BODY,
    handle: performs(removeQuota),
  },
  {
    ...PAGE,
    path: '/weights',
    does: 'Shows the weights that were set.',
    handle: page(core => weightsMessage(core).weight_infos ?? []),
  },
  {
    ...LEADER,
    method: 'PUT',
    path: '/weights',
    does: 'Sets weights of roles.',
    permission: 'change-quota',
    body: {kind: 'json'},
    handle: performs(updateWeights),
  },
];
