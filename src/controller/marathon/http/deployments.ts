import type {Response} from 'express';
import {type Exchange, NO_BODY} from '../../web/route.ts';
import {fail} from './answers.ts';
import {errorOf} from './change-error.ts';
import {deploymentsJson} from './deployments-json.ts';
import type {MarathonDoors, MarathonRoute} from './marathon-doors.ts';
import {flagOf} from './query.ts';
import {DEPLOYMENT_RESULT} from './schemas.ts';

const LEADER = {answeredBy: 'leader-by-proxy'} as const;

/** Everything below /v2/deployments. */
export const DEPLOYMENT_ROUTES: readonly MarathonRoute[] = [
  {
    method: 'GET',
    body: NO_BODY,
    ...LEADER,
    path: '/v2/deployments',
    does: 'Lists the deployments that are under way.',
    permission: 'view',
    handle: ({response}, {access}) => void response.json(deploymentsJson(access.deployments(), access.app)),
  },
  {
    ...LEADER,
    method: 'DELETE',
    path: '/v2/deployments/{id}',
    does: 'Takes a deployment back, with another deployment.',
    permission: 'change-apps',
    body: NO_BODY,
    query: {force: 'The deployment only ends: definitions stay, and so does what runs.'},
    answer: DEPLOYMENT_RESULT,
    handle: cancelDeployment,
  },
];

async function cancelDeployment(
  {request, response, params: {id = ''}}: Exchange,
  {access}: MarathonDoors,
): Promise<void> {
  const isSeen = [...access.deployments()].some(deployment => deployment.id === id);
  if (isSeen && access.mayCancel?.(id) === false) return fail(response, {kind: 'forbidden'});
  if (!flagOf(request, 'force')) return revert(response, access, id);
  if (!isSeen) return fail(response, {kind: 'deployment-missing', id});
  access.cancelDeployment(id);
  response.status(202).end();
}

async function revert(response: Response, access: MarathonDoors['access'], id: string): Promise<void> {
  const reverted = await access.revertDeployment(id);
  if (reverted.ok) {
    response.set('Marathon-Deployment-Id', reverted.value.deploymentId).json(reverted.value);
    return;
  }
  const {error} = reverted;
  if (error.kind === 'missing') fail(response, {kind: 'deployment-missing', id});
  else if (error.kind === 'unknown-before') fail(response, {kind: 'bad-parameter', message: NOTHING_KEPT});
  else fail(response, errorOf(error));
}

const NOTHING_KEPT =
  'The deployment can not be reverted, as what was there before is not kept: cancel it with force=true, which leaves ' +
  'definitions and tasks as they are.';
