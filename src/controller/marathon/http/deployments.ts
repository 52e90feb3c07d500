import {type Exchange, NO_BODY} from '../../web/route.ts';
import {fail} from './answers.ts';
import {deploymentsJson} from './deployments-json.ts';
import type {MarathonDoors, MarathonRoute} from './marathon-doors.ts';
import {flagOf} from './query.ts';

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
    does: 'Cancels a deployment: definitions stay, and so does what runs.',
    permission: 'change-apps',
    body: NO_BODY,
    query: {force: 'Must be `true`: a cancelled deployment is not reverted.'},
    handle: cancelDeployment,
  },
];

/** To revert it, earlier definitions would have to be kept. */
function cancelDeployment({request, response, params}: Exchange, {access}: MarathonDoors): void {
  const {id = ''} = params;
  if (![...access.deployments()].some(deployment => deployment.id === id)) {
    return fail(response, {kind: 'deployment-missing', id});
  }
  if (!flagOf(request, 'force')) return fail(response, {kind: 'bad-parameter', message: NO_ROLLBACK});
  access.cancelDeployment(id);
  response.status(202).end();
}

const NO_ROLLBACK =
  'A deployment cannot be reverted: cancel it with force=true, which leaves definitions and tasks as they are, and ' +
  'then change the apps back.';
