import type {Response} from 'express';
import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import {sendJson} from '../../web/jsonp.ts';
import type {Exchange} from '../../web/route.ts';
import type {ReadonlyMaster} from '../core/state.ts';
import type {MasterDoors} from './master-doors.ts';

export const NOT_LEADING = {status: 503, message: 'This master does not lead any more'};

/** The head of every refusal. */
export function refuse(response: Response, {status, message}: CallRefused): void {
  response.status(status).type('text').send(message);
}

/** A page of JSON about the cluster. */
export const page =
  (render: (core: ReadonlyMaster, doors: MasterDoors, exchange: Exchange) => unknown) =>
  (exchange: Exchange, doors: MasterDoors): void => {
    const core = doors.core();
    if (core === undefined) refuse(exchange.response, NOT_LEADING);
    else sendJson(exchange, render(core, doors, exchange));
  };

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
