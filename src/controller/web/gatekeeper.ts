import {TLSSocket} from 'node:tls';
import type {Request} from 'express';
import {err, ok, type Result} from '../../lib/result.ts';
import type {Asked} from '../access/actions.ts';
import type {Guard} from '../access/guard.ts';
import {type Caller, hasOnlyClaims} from '../runtime/caller.ts';
import {identify, type Realm, type Shown} from './authentication/authenticator.ts';
import type {Permission} from './permissions.ts';
import type {Turnstile} from './rate-limits.ts';
import type {Refusal} from './refusal.ts';
import type {RouteEntry} from './route.ts';

/** The parts of a port that each have a switch of their own for authentication. */
export type Part = 'readonly' | 'readwrite' | 'frameworks';

/** Who is let in at a port. A part without a realm asks nobody who it is. */
export type Gatekeeper = {
  readonly realms: Readonly<Partial<Record<Part, Realm>>>;
  readonly turnstile: Turnstile | undefined;
  readonly guard: Guard;
};

const PARTS: Readonly<Record<Permission | 'by-call', Part | undefined>> = {
  open: undefined,
  view: 'readonly',
  'view-whole': 'readonly',
  'view-process': 'readonly',
  'by-call': 'readwrite',
  'run-tasks': 'frameworks',
  'change-apps': 'readwrite',
  'operate-agents': 'readwrite',
  'change-reservations': 'readwrite',
  'change-quota': 'readwrite',
  'end-frameworks': 'readwrite',
  'operate-masters': 'readwrite',
};

type Row = Pick<RouteEntry, 'permission' | 'path' | 'asks'>;
const byHandler = (): undefined => undefined;

/**
 * What is asked before a handler sees a request. `byHandler`: the caller gets what it may see (doors of its own), or
 * the call itself says what it wants (the gates of calls).
 */
const ASKED: Readonly<Record<Permission | 'by-call', (row: Row) => Asked | undefined>> = {
  open: () => undefined,
  view: byHandler,
  'view-whole': ({path}) => ({action: 'get_endpoints', object: path}),
  'view-process': ({path, asks}) => asks ?? {action: 'get_endpoints', object: path},
  'by-call': byHandler,
  'run-tasks': byHandler,
  'change-apps': byHandler,
  'operate-agents': byHandler,
  'change-reservations': byHandler,
  'change-quota': byHandler,
  'end-frameworks': byHandler,
  'operate-masters': ({asks}) => asks ?? {action: 'change_masters'},
};

/** @returns why the caller may not have what the row gives */
export async function permit({guard}: Gatekeeper, row: Row, caller: Caller): Promise<Refusal | undefined> {
  const asked = ASKED[row.permission](row);
  if (asked === undefined) return undefined;
  return (await guard.denied(caller, [asked])) === undefined ? undefined : {kind: 'forbidden'};
}

/** A path belongs to one part, as in Mesos: where something can be changed, reading asks for the same. */
export function partOf(rows: readonly Pick<RouteEntry, 'permission'>[]): Part | undefined {
  const parts = new Set(rows.map(({permission}) => PARTS[permission]));
  return (['frameworks', 'readwrite', 'readonly'] as const).find(part => parts.has(part));
}

/** Finds out who sends a request for these rows, and lets it wait for its turn. */
export async function admit(
  {realms, turnstile, guard}: Gatekeeper,
  rows: readonly Pick<RouteEntry, 'permission' | 'method'>[],
  request: Request,
): Promise<Result<Caller, Refusal>> {
  const origin = {transport: 'http', address: request.socket.remoteAddress} as const;
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const isOpen = rows.some(row => row.method === method && row.permission === 'open');
  const part = partOf(rows);
  if (part === undefined || isOpen) return ok({principal: undefined, ...origin});
  const realm = realms[part];
  const identity = realm === undefined ? ok({principal: undefined}) : await identify(realm, shownBy(request));
  if (!identity.ok) {
    const {error} = identity;
    const why = error.kind === 'unauthenticated' ? error.wrong : error.message;
    if (why !== undefined)
      guard.denials.note('caller not authenticated', {address: origin.address, realm: realm?.name, why});
    return err(error);
  }
  const caller = {...identity.value, ...origin};
  if (hasOnlyClaims(caller)) return err({kind: 'forbidden'});
  const turn = await turnstile?.pass(caller.principal);
  if (turn?.ok === false) {
    guard.denials.note('too many requests', {principal: caller.principal});
    return err({kind: 'too-many-requests', retrySeconds: turn.error});
  }
  return ok(caller);
}

function shownBy({headers, socket}: Request): Shown {
  return {authorization: headers.authorization, certificate: certificateOf(socket)};
}

/** Only of a client whose certificate an authority signed that this server trusts. */
function certificateOf(socket: Request['socket']): Shown['certificate'] {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const {subject} = socket.getPeerCertificate();
  const {CN: commonName, O: organizations = []} = (subject ?? {}) as Subject;
  const [name] = [commonName ?? []].flat();
  return name === undefined ? undefined : {commonName: name, organizations: [organizations].flat()};
}

/** Several values of a name come as a list, whatever the types of Node say. */
type Subject = {readonly CN?: string | readonly string[]; readonly O?: string | readonly string[]};
