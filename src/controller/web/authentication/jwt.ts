import {createSecretKey} from 'node:crypto';
import {errors, jwtVerify} from 'jose';
import {err, ok, type Result} from '../../../lib/result.ts';
import type {Clock} from '../../../lib/clock.ts';
import type {Identity} from '../../runtime/caller.ts';
import {type Authenticator, credentialsFor, type NotShown} from './authenticator.ts';

/**
 * Tokens as Mesos signs them: JWT, HS256. `sub` becomes the principal, each claim stays known.
 *
 * @param secret the key in force now
 */
export const jwtAuthenticator = (secret: () => Uint8Array, clock: Clock): Authenticator => ({
  scheme: 'Bearer',
  identify: shown => {
    const token = credentialsFor('Bearer', shown);
    return token === undefined ? undefined : verify(token, secret(), clock);
  },
});

async function verify(token: string, secret: Uint8Array, clock: Clock): Promise<Result<Identity, NotShown>> {
  try {
    const currentDate = new Date(clock.now());
    const {payload} = await jwtVerify(token, createSecretKey(secret), {algorithms: ['HS256'], currentDate});
    const claims = Object.entries(payload).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    return ok({
      principal: payload.sub === '' ? undefined : payload.sub,
      claims: Object.fromEntries(claims),
    });
  } catch (error) {
    // The library's message names a claim at most, never the token.
    if (error instanceof errors.JOSEError) return err({kind: 'wrong', reason: `JWT refused: ${error.message}`});
    throw error;
  }
}
