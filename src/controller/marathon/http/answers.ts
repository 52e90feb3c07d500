import type {Request, RequestHandler, Response} from 'express';
import {answerTo, type MarathonError} from '../../../api/marathon/v2/errors.ts';
import type {Changed, Outcome} from './apps-service.ts';

export const fail = (response: Response, error: MarathonError): void => {
  const {status, body} = answerTo(error);
  response.status(status).json(body);
};

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Handlers = Partial<
  Readonly<Record<Method, (request: Request, response: Response) => void | Promise<void>>>
>;

const isMethod = (text: string, handlers: Handlers): text is Method => Object.hasOwn(handlers, text);

/** Answers by method, in JSON alone: any other method is 405, any other wish of the caller 406. HEAD follows GET. */
export const byMethod =
  (handlers: Handlers): RequestHandler =>
  (request, response) => {
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const allowed = Object.keys(handlers).flatMap(name => (name === 'GET' ? ['GET', 'HEAD'] : [name]));
    if (method === 'OPTIONS') return void response.set('Allow', allowed.join(', ')).end();
    if (!isMethod(method, handlers)) {
      response.set('Allow', allowed.join(', '));
      return fail(response, {kind: 'wrong-verb'});
    }
    if (request.accepts('application/json') === false) return fail(response, {kind: 'not-acceptable'});
    return handlers[method]?.(request, response);
  };

/** The answer to a change: what it became, or why not. */
export function finish(response: Response, outcome: Outcome<Changed>): void {
  if (!outcome.ok) return fail(response, outcome.error);
  const {id, created, version, deploymentId, unknown} = outcome.value;
  warn(response, unknown);
  if (created && id !== undefined) response.status(201).set('Location', id);
  response.set('Marathon-Deployment-Id', deploymentId).json({version, deploymentId});
}

/** Marathon ignores unknown fields; here it also says so. */
export function warn(response: Response, unknown: readonly string[]): void {
  if (unknown.length === 0) return;
  const names = unknown.join(', ').replaceAll(/[^ -~]|["\\]/g, '?');
  response.set('Warning', `299 - "Ignored unknown fields: ${names}"`);
}
