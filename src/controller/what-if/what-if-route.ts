import {err, ok, type Result} from '../../lib/result.ts';
import {
  above0,
  atLeast0,
  decodeWith,
  type Decoder,
  isObject,
  mapOf,
  maybe,
  needed,
  object,
  text,
} from '../../lib/decoder.ts';
import {type RoleChange, whatIf} from '../../what-if/what-if.ts';
import type {Marathon} from '../marathon/marathon.ts';
import {fail} from '../marathon/http/answers.ts';
import type {NamedCluster} from '../mesos/views/named-cluster.ts';
import type {Route} from '../web/route.ts';
import {appToPlace} from './app-to-place.ts';
import {answerMessage} from '../../what-if/answer-message.ts';

export type WhatIfDoors = {
  /** Undefined while this process does not lead. */
  readonly cluster: () => NamedCluster | undefined;
  readonly marathon: Pick<Marathon, 'app' | 'frameworkId' | 'flags'>;
};

/**
 * Takes `{"app": …}` (Marathon's JSON), `{"role": {"name", "weight", "guarantees", "limits"}}` or both: what the next
 * allocation runs would do with it.
 */
export const WHAT_IF_ROUTE: Route<WhatIfDoors> = {
  method: 'POST',
  path: '/allocator/what-if',
  does: 'Shows where an app would run, or what another weight or quota would change. Changes nothing.',
  permission: 'view-whole',
  answeredBy: 'leader-by-redirect',
  body: {kind: 'json'},
  handle: ({response, body}, doors) => {
    const cluster = doors.cluster();
    if (cluster === undefined) return void response.status(503).json({message: 'This master does not lead any more'});
    const question = decode(body);
    if (!question.ok) return void response.status(400).json({message: question.error});
    const {app: spec, role} = question.value;
    const app = spec === undefined ? undefined : appToPlace(spec, doors.marathon, cluster);
    if (app?.ok === false) return void fail(response, app.error);
    const answer = whatIf(cluster, {app: app?.value, change: role});
    response.json(answerMessage(answer, app?.value, cluster));
  },
};

const amounts: Decoder<ReadonlyMap<string, number>> = mapOf(atLeast0);

const roleChange = object({
  name: needed(text),
  weight: maybe(above0),
  guarantees: maybe(amounts),
  limits: maybe(amounts),
});

type Question = {readonly app: unknown; readonly role: RoleChange | undefined};

function decode(value: unknown): Result<Question, string> {
  if (!isObject(value) || (value['app'] === undefined && value['role'] === undefined)) {
    return err('want an object with app, role or both');
  }
  if (value['role'] === undefined) return ok({app: value['app'], role: undefined});
  const role = decodeWith((input, _path, issues) => roleChange(input, 'role', issues), value['role']);
  if (!role.ok) return err(role.error.join('; '));
  return withQuota(value['app'], value['role'], role.value);
}

/** In JSON null takes a guarantee or limit away. */
function withQuota(
  app: unknown,
  raw: unknown,
  {name, weight, guarantees, limits}: {name: string; weight?: number; guarantees?: Amounts; limits?: Amounts},
): Result<Question, string> {
  const none = (field: string): null | undefined => (isObject(raw) && raw[field] === null ? null : undefined);
  const change = {role: name, weight, guarantees: guarantees ?? none('guarantees'), limits: limits ?? none('limits')};
  const hasQuota = change.guarantees !== undefined || change.limits !== undefined;
  if (hasQuota && name.includes('/')) return err('role.name: want a top-level role for a quota');
  return ok({app, role: change});
}

type Amounts = ReadonlyMap<string, number> | undefined;
