import express, {type Request, type RequestHandler, type Router} from 'express';
import {encodeJson, decodeJson} from '../../../api/mesos/v1/json.ts';
import {
  type OperatorCall,
  quotaRequestSchema,
  quotaStatusSchema,
  type WeightInfo,
  weightInfoSchema,
} from '../../../api/mesos/v1/operator.ts';
import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {sendJson} from '../../web/jsonp.ts';
import {route} from '../../web/methods.ts';
import {quotaMessage, weightsMessage} from '../views/role-views.ts';
import {NOT_LEADING, performCall} from './legacy-call.ts';
import {leaderOnly} from './leader.ts';
import {parseBody} from './negotiate.ts';
import type {MasterRouterOptions} from './router-options.ts';
import {refuse} from './scheduler.ts';

/** `/quota` and `/weights`, from before the v1 API: the same calls in other words. */
export function legacyRoleRoutes(routes: Router, options: MasterRouterOptions): void {
  const before = [leaderOnly(options.leadership)];
  const body = express.raw({type: () => true, limit: '1mb'});
  const change = (read: (request: Request) => Result<OperatorCall, CallRefused>): RequestHandler[] => [
    body,
    async (request, response) => performCall(options, read(request), response),
  ];
  const page = (render: (core: NonNullable<ReturnType<MasterRouterOptions['core']>>) => unknown): RequestHandler[] => [
    (request, response) => {
      const core = options.core();
      if (core === undefined) refuse(response, NOT_LEADING);
      else sendJson(request, response, render(core));
    },
  ];
  const quota = page(core => encodeJson(quotaStatusSchema, quotaMessage(core)));
  route(routes, '/quota{/*role}', {GET: quota, POST: change(readQuota), DELETE: change(readRemoval)}, before);
  const weights = page(core => weightsMessage(core).weight_infos ?? []);
  route(routes, '/weights', {GET: weights, PUT: change(readWeights)}, before);
}

function readQuota(request: Request): Result<OperatorCall, CallRefused> {
  const json = parseBody(request.body);
  if (!json.ok) return json;
  const decoded = decodeJson(quotaRequestSchema, json.value);
  if (!decoded.ok) return err({status: 400, message: decoded.error});
  return ok({type: 'SET_QUOTA', set_quota: {quota_request: decoded.value}});
}

function readRemoval({params}: Request): Result<OperatorCall, CallRefused> {
  const {role: segments = []} = params;
  const role = typeof segments === 'string' ? segments : segments.join('/');
  if (role === '') return err({status: 400, message: 'Want a path such as /quota/<role>'});
  return ok({type: 'REMOVE_QUOTA', remove_quota: {role}});
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

function readWeights(request: Request): Result<OperatorCall, CallRefused> {
  const json = parseBody(request.body);
  if (!json.ok) return json;
  if (!isList(json.value)) return err({status: 400, message: 'Expected a list of {"role", "weight"}'});
  const infos: WeightInfo[] = [];
  for (const item of json.value) {
    const info = decodeJson(weightInfoSchema, item);
    if (!info.ok) return err({status: 400, message: info.error});
    infos.push(info.value);
  }
  return ok({type: 'UPDATE_WEIGHTS', update_weights: {weight_infos: infos}});
}
