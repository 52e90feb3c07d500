import {createHash, timingSafeEqual} from 'node:crypto';
import {err, ok, type Result} from '../../../lib/result.ts';
import type {Identity} from '../../runtime/caller.ts';
import {type Authenticator, credentialsFor, type NotShown} from './authenticator.ts';
import type {Credentials} from './credentials.ts';

/** HTTP basic. @param credentials those in force now */
export const basicAuthenticator = (credentials: () => Credentials): Authenticator => ({
  scheme: 'Basic',
  identify: shown => {
    const given = credentialsFor('Basic', shown);
    return given === undefined ? undefined : Promise.resolve(check(given, credentials()));
  },
});

function check(given: string, credentials: Credentials): Result<Identity, NotShown> {
  const text = Buffer.from(given, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const principal = text.slice(0, Math.max(colon, 0));
  const known = credentials.get(principal);
  // An unknown principal takes as long as a wrong secret.
  const isRight = isSame(text.slice(colon + 1), known ?? '');
  return isRight && known !== undefined && colon >= 0
    ? ok({principal})
    : err({kind: 'wrong', reason: `wrong principal or secret for ${JSON.stringify(principal.slice(0, 100))}`});
}

/** Takes the same time wherever the two differ, and whatever their lengths. */
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
