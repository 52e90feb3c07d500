import type {Request, Response} from 'express';
import type {TSchema} from 'typebox';
import type {LimitName} from '../../lib/limits.ts';
import type {Asked} from '../access/actions.ts';
import type {Caller} from '../runtime/caller.ts';
import type {Permission} from './permissions.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * What a request may carry. `json` is decoded before the handler sees it, `form` becomes URLSearchParams, `bytes` stays as
 * it came (`BytesBody`); with `none` a body is not read. `limit` of its bytes: `bodyBytes` before and `inflatedBytes` after inflating when absent.
 */
export type Body =
  | {readonly kind: 'none'}
  | {readonly kind: 'json'; readonly limit?: LimitName; readonly schema?: TSchema}
  | {readonly kind: 'form'; readonly limit?: LimitName; readonly fields: Readonly<Record<string, string>>}
  | {readonly kind: 'bytes'; readonly limit?: LimitName; readonly types: readonly string[]};

/** A body as it came, and which of the row's types it is of. */
export class BytesBody {
  readonly type: string;
  readonly bytes: Uint8Array;

  constructor(type: string, bytes: Uint8Array) {
    this.type = type;
    this.bytes = bytes;
  }
}

export const NO_BODY: Body = {kind: 'none'};

/** `any`: each process for itself. Otherwise the leader; the others redirect the caller, or ask the leader for it. */
export type AnsweredBy = 'any' | 'leader-by-redirect' | 'leader-by-proxy';

/** One row of the table: all that there is to say about a method of a path. */
export type RouteEntry = {
  readonly method: Method;
  /** `{name}` stands for one segment, `{name+}` for one or more, `{name*}` for any number. */
  readonly path: string;
  /** One sentence. */
  readonly does: string;
  /** `by-call`: the body names a call, and each kind of call needs its own. */
  readonly permission: Permission | 'by-call';
  /** What the permission asks, where that is not the same for all rows that need it. */
  readonly asks?: Asked;
  readonly answeredBy: AnsweredBy;
  readonly body: Body;
  /** What each parameter of the query means. */
  readonly query?: Readonly<Record<string, string>>;
  /** Media types of a successful answer; JSON when absent. */
  readonly answers?: readonly string[];
  /** Of a successful answer in JSON. */
  readonly answer?: TSchema;
};

/** One request and its answer. */
export type Exchange = {
  readonly request: Request;
  readonly response: Response;
  /** The named parts of the path, decoded; several segments are joined with slashes. */
  readonly params: Readonly<Record<string, string>>;
  /** As the row's `body` says. */
  readonly body: unknown;
  readonly caller: Caller;
};

/** A row with what answers it. `Doors`: what the handlers of a table need. */
export type Route<Doors> = RouteEntry & {
  readonly handle: (exchange: Exchange, doors: Doors) => void | Promise<void>;
};

export type BoundRoute = RouteEntry & {readonly handle: (exchange: Exchange) => void | Promise<void>};

/** The same with doors of each caller's own: they show and do what that caller may. */
export const bindFor = <Doors>(
  routes: readonly Route<Doors>[],
  doorsOf: (caller: Caller) => Promise<Doors>,
): BoundRoute[] =>
  routes.map(route => ({...route, handle: async exchange => route.handle(exchange, await doorsOf(exchange.caller))}));

export const bind = <Doors>(routes: readonly Route<Doors>[], doors: Doors): BoundRoute[] =>
  routes.map(route => ({...route, handle: exchange => route.handle(exchange, doors)}));
