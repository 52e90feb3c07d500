import {Denials} from '../../src/controller/access/denials.ts';
import type {Port} from '../../src/controller/web/port.ts';
import {silentLogger} from '../../src/kube/log.ts';
import {systemClock} from '../../src/kube/system-clock.ts';

/** A port that asks nobody who it is, over plain HTTP. */
export const openGate: Pick<Port, 'gatekeeper' | 'tls'> = {
  gatekeeper: {realms: {}, turnstile: undefined, denials: new Denials(systemClock, silentLogger)},
  tls: undefined,
};
