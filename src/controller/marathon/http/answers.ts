import type {Response} from 'express';
import {answerTo, type MarathonError} from '../../../api/marathon/v2/errors.ts';
import type {ChangeResult, Outcome} from './apps-service.ts';

export const fail = (response: Response, error: MarathonError): void => {
  const {status, body} = answerTo(error);
  response.status(status).json(body);
};

/** The answer to a change: what it became, or why not. */
export function finish(response: Response, outcome: Outcome<ChangeResult>): void {
  if (!outcome.ok) return fail(response, outcome.error);
  const {id, created, version, deploymentId, unknown} = outcome.value;
  warn(response, unknown);
  if (created && id !== undefined) response.status(201).set('Location', id);
  response.set('Marathon-Deployment-Id', deploymentId).json({version, deploymentId});
}

/** A header that is too long is read by nobody. */
const MOST_NAMED = 20;

/** Marathon ignores unknown fields; here it also says so. */
export function warn(response: Response, unknown: readonly string[]): void {
  if (unknown.length === 0) return;
  const names = unknown
    .slice(0, MOST_NAMED)
    .join(', ')
    .slice(0, 2000)
    .replaceAll(/[^ -~]|["\\]/g, '?');
  response.set('Warning', `299 - "Ignored unknown fields: ${names}"`);
}
