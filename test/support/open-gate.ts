import {OPEN_GUARD} from '../../src/controller/access/guard.ts';
import type {Port} from '../../src/controller/web/port.ts';

/** A port that asks nobody who it is, over plain HTTP. */
export const openGate: Pick<Port, 'gatekeeper' | 'tls'> = {
  gatekeeper: {realms: {}, turnstile: undefined, guard: OPEN_GUARD},
  tls: undefined,
};
