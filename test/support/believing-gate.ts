import {parseAcls} from '../../src/controller/access/acls.ts';
import {aclAuthorizer, OPEN} from '../../src/controller/access/authorizer.ts';
import {Guard} from '../../src/controller/access/guard.ts';
import type {Authenticator} from '../../src/controller/web/authentication/authenticator.ts';
import type {Gatekeeper} from '../../src/controller/web/gatekeeper.ts';
import {err, ok} from '../../src/lib/result.ts';

/** Believes the name in `Authorization: Bearer NAME`; `claims` names nobody, `bad` is wrong, for `cut` nobody answers. */
export const believing: Authenticator = {
  scheme: 'Bearer',
  identify: ({authorization}) => {
    const name = authorization?.replace('Bearer ', '');
    if (name === undefined) return undefined;
    if (name === 'bad') return Promise.resolve(err({kind: 'wrong', reason: 'a bad name'}));
    if (name === 'cut') return Promise.resolve(err({kind: 'unavailable', reason: 'nobody answers'}));
    return Promise.resolve(ok(name === 'claims' ? {principal: undefined, claims: {fid: '1'}} : {principal: name}));
  },
};

/** What was refused, in order. */
export type Refused = {readonly message: string; readonly [field: string]: string | undefined};

/** A gate that wants a name everywhere. @param acls undefined: everybody with a name may do everything */
export function believingGate(acls?: object, refused: Refused[] = []): Gatekeeper {
  const parsed = acls === undefined ? undefined : parseAcls(JSON.stringify(acls));
  if (parsed?.ok === false) throw new Error(parsed.error);
  const realm = {name: 'test', authenticators: [believing]};
  return {
    realms: {readonly: realm, readwrite: realm, frameworks: realm},
    turnstile: undefined,
    guard: new Guard(parsed === undefined ? OPEN : aclAuthorizer(parsed.value), {
      note: (message, fields) => void refused.push({message, ...fields}),
    }),
  };
}
