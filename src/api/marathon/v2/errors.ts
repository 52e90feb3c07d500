import {limitOf} from '../../../lib/limits.ts';
import type {Violation} from './check-json.ts';

/** Why a request to /v2 fails. */
export type MarathonError =
  | {readonly kind: 'not-json'; readonly details: string}
  | {readonly kind: 'empty-body'}
  | {readonly kind: 'wrong-types'; readonly violations: readonly Violation[]}
  | {readonly kind: 'invalid-object'; readonly violations: readonly Violation[]}
  | {readonly kind: 'bad-parameter'; readonly message: string}
  | {readonly kind: 'bad-request'; readonly message: string}
  | {readonly kind: 'app-missing'; readonly appId: string; readonly version?: string}
  | {readonly kind: 'group-missing'; readonly groupId: string}
  | {readonly kind: 'task-missing'; readonly taskId: string}
  | {readonly kind: 'deployment-missing'; readonly id: string}
  | {readonly kind: 'not-queued'; readonly appId: string}
  | {readonly kind: 'app-exists'; readonly appId: string}
  | {readonly kind: 'group-exists'; readonly groupId: string}
  | {readonly kind: 'path-of-app'; readonly appId: string}
  | {readonly kind: 'app-locked'; readonly deploymentIds: readonly string[]}
  | {readonly kind: 'forbidden'}
  | {readonly kind: 'too-many-deployments'; readonly most: number}
  | {readonly kind: 'no-leader'}
  | {readonly kind: 'ports-exhausted'; readonly min: number; readonly max: number}
  | {readonly kind: 'unknown-uri'}
  | {readonly kind: 'wrong-media-type'}
  | {readonly kind: 'not-acceptable'}
  | {readonly kind: 'wrong-verb'}
  | {readonly kind: 'leader-unreachable'; readonly message: string}
  | {readonly kind: 'storage'; readonly message: string};

export type Answer = {readonly status: number; readonly body: unknown};

/** The HTTP answer to each error. The texts are part of the contract: clients tell a lock from a duplicate by them. */
export function answerTo(error: MarathonError): Answer {
  switch (error.kind) {
    case 'not-json':
      return {status: 400, body: {message: 'Invalid JSON', details: error.details}};
    case 'empty-body':
      return {status: 400, body: {message: 'Please specify data in JSON format', details: 'The request has no body.'}};
    case 'wrong-types':
      return {status: 422, body: {message: 'Invalid JSON', details: grouped(error.violations)}};
    case 'invalid-object':
      return {status: 422, body: {message: 'Object is not valid', details: grouped(error.violations)}};
    case 'bad-parameter':
      return {status: 422, body: {message: error.message}};
    case 'bad-request':
      return {status: 400, body: {message: error.message}};
    case 'app-missing':
      return missing(
        `App '${error.appId}' does not exist${error.version === undefined ? '' : ` in version ${error.version}`}`,
      );
    case 'group-missing':
      return missing(`Group '${error.groupId}' does not exist`);
    case 'task-missing':
      return missing(`Task '${error.taskId}' does not exist`);
    case 'deployment-missing':
      return missing(`DeploymentPlan ${error.id} does not exist`);
    case 'not-queued':
      return {status: 404, body: {message: `Application ${error.appId} not found in tasks queue.`}};
    case 'app-exists':
      return conflict(`An app with id [${error.appId}] already exists.`);
    case 'group-exists':
      return conflict(`Group ${error.groupId} is already created. Use PUT to change this group.`);
    case 'path-of-app':
      return conflict(`An app with the path ${error.appId} already exists.`);
    case 'app-locked':
      return locked(error.deploymentIds);
    case 'forbidden':
      return {status: 403, body: {message: 'The caller may not do this'}};
    case 'too-many-deployments':
      return tooManyDeployments(error.most);
    case 'no-leader':
      return {status: 404, body: {message: 'There is no leader'}};
    case 'ports-exhausted':
      return {status: 500, body: {message: `All ports in the range [${error.min}-${error.max}) are already in use`}};
    case 'unknown-uri':
      return {status: 404, body: {message: 'URI not found'}};
    case 'wrong-media-type':
      return {status: 415, body: {message: 'Unsupported Media Type'}};
    case 'not-acceptable':
      return {status: 406, body: {message: 'Not Acceptable'}};
    case 'wrong-verb':
      return {status: 405, body: {message: 'Method Not Allowed'}};
    case 'leader-unreachable':
      return {status: 502, body: {message: error.message}};
    case 'storage':
      return {status: 503, body: {message: error.message}};
    default:
      return error satisfies never;
  }
}

const conflict = (message: string): Answer => ({status: 409, body: {message}});
const LOCKED =
  "App is locked by one or more deployments. Override with the option '?force=true'. View details at '/v2/deployments/<DEPLOYMENT_ID>'.";

const locked = (deploymentIds: readonly string[]): Answer => ({
  status: 409,
  body: {message: LOCKED, deployments: deploymentIds.map(id => ({id}))},
});

const tooManyDeployments = (most: number): Answer => ({
  status: 403,
  body: {
    message: `Max number (${most}) of running deployments is achieved. Wait for existing deployments to complete or cancel one.`,
  },
});

const missing = (message: string): Answer => ({status: 404, body: {message, details: []}});

/** One entry a path, in order of first appearance; the last says so when there are more than an answer lists. */
function grouped(violations: readonly Violation[]): Violation[] {
  const listed = violations.slice(0, limitOf('errorsListed'));
  const byPath = new Map<string, string[]>();
  for (const {path, errors} of listed) {
    const known = byPath.get(path);
    if (known === undefined) byPath.set(path, [...errors]);
    else known.push(...errors);
  }
  const more = violations.length > listed.length ? [{path: '/', errors: [MORE]}] : [];
  return [...Array.from(byPath, ([path, errors]) => ({path, errors})), ...more];
}

const MORE = `there are more errors than the ${limitOf('errorsListed')} that are listed (limit errorsListed)`;
