import type {Result} from '../../../lib/result.ts';
import type {Identity} from '../../runtime/caller.ts';

/** What a request brings to show who sent it. */
export type Shown = {
  /** The header. */
  readonly authorization: string | undefined;
  /** Of a client, checked against the authorities that the server trusts. */
  readonly certificate: {readonly commonName: string; readonly organizations: readonly string[]} | undefined;
};

/** `unavailable`: whoever could tell does not answer. The reason is for the log; it holds no secret. */
export type NotShown =
  {readonly kind: 'wrong'; readonly reason: string} | {readonly kind: 'unavailable'; readonly reason: string};

/** One way to find out who sends a request. */
export type Authenticator = {
  /** What a 401 names, so that clients know what to bring; undefined: nothing that a header could hold. */
  readonly scheme: 'Basic' | 'Bearer' | undefined;
  /** Undefined: the request brings nothing for this one. */
  readonly identify: (shown: Shown) => Promise<Result<Identity, NotShown>> | undefined;
};

/** A protected part of a port. */
export type Realm = {
  /** As a 401 names it. */
  readonly name: string;
  /** In the order in which they are asked. */
  readonly authenticators: readonly Authenticator[];
};

/** `challenges`: one `WWW-Authenticate` each. `wrong` undefined: the request brought nothing. */
export type Unauthenticated =
  | {readonly kind: 'unauthenticated'; readonly challenges: readonly string[]; readonly wrong: string | undefined}
  | {readonly kind: 'authentication-unavailable'; readonly message: string};

/** Asks one authenticator after the other: what one does not know, another may. */
export async function identify(
  {name, authenticators}: Realm,
  shown: Shown,
): Promise<Result<Identity, Unauthenticated>> {
  let wrong: string | undefined;
  let unavailable: string | undefined;
  for (const authenticator of authenticators) {
    const identity = await authenticator.identify(shown);
    if (identity?.ok === true) return identity;
    if (identity?.error.kind === 'wrong') wrong ??= identity.error.reason;
    else unavailable ??= identity?.error.reason;
  }
  if (unavailable !== undefined) return {ok: false, error: {kind: 'authentication-unavailable', message: unavailable}};
  const schemes = new Set(authenticators.flatMap(({scheme}) => scheme ?? []));
  const isBadToken = wrong !== undefined && /^Bearer /i.test(shown.authorization ?? '');
  const challenges = [...schemes].map(
    scheme => `${scheme} realm="${name}"${scheme === 'Bearer' && isBadToken ? ', error="invalid_token"' : ''}`,
  );
  return {ok: false, error: {kind: 'unauthenticated', challenges, wrong}};
}

/** What stands behind the scheme; undefined: another scheme, or no header. */
export function credentialsFor(scheme: 'Basic' | 'Bearer', {authorization = ''}: Shown): string | undefined {
  const [given = '', ...rest] = authorization.trim().split(' ');
  const text = rest.join(' ').trim();
  return given.toLowerCase() === scheme.toLowerCase() && text !== '' ? text : undefined;
}
