import type {Logger} from '../../kube/log.ts';
import type {KubeClient} from '../../kube/types.ts';
import type {Clock} from '../../lib/clock.ts';
import {ok, type Result} from '../../lib/result.ts';
import {aclAuthorizer, OPEN} from '../access/authorizer.ts';
import {Denials} from '../access/denials.ts';
import {Guard} from '../access/guard.ts';
import type {AccessFlags, AuthenticatorName} from './access-flags.ts';
import type {Authenticator} from './authentication/authenticator.ts';
import {basicAuthenticator} from './authentication/basic.ts';
import {certificateAuthenticator} from './authentication/certificate.ts';
import {type Credentials, credentialsOf, parseCredentials} from './authentication/credentials.ts';
import {jwtAuthenticator} from './authentication/jwt.ts';
import {kubernetesAuthenticator} from './authentication/kubernetes-token.ts';
import type {Gatekeeper, Part} from './gatekeeper.ts';
import {KeptFile, readFileOrDirectory} from './kept-file.ts';
import {Turnstile} from './rate-limits.ts';
import {readTls, type Tls} from './tls.ts';

export type AccessOptions = {
  readonly flags: AccessFlags;
  /** Marathon's own credential, for its port alone. */
  readonly marathonCredential: {readonly principal: string; readonly secret: string} | undefined;
  /** Asks Kubernetes also while this process does not lead. */
  readonly client: Pick<KubeClient, 'raw'>;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Who is let in at both ports, and what they may do. */
export type Access = {
  readonly tls: Tls | undefined;
  readonly master: Gatekeeper;
  readonly marathon: Gatekeeper;
  readonly guard: Guard;
  readonly close: () => void;
};

/** As the original's ports name them. */
const MASTER_REALMS: Readonly<Record<Part, string>> = {
  readonly: 'mesos-master-readonly',
  readwrite: 'mesos-master-readwrite',
  frameworks: 'mesos-master-scheduler',
};
const MARATHON_REALM = 'Mesosphere';

/** Reads everything that the flags name. @returns an error that names the flag whose file can't be used */
export async function openAccess(options: AccessOptions): Promise<Result<Access, string>> {
  const {flags, clock, log, marathonCredential} = options;
  const tls = await readTls(options);
  if (!tls.ok) return tls;
  const known = await readCredentials(options);
  if (!known.ok) return known;
  const key = await readKey(options);
  if (!key.ok) return key;

  const made: Readonly<Record<AuthenticatorName, () => Authenticator>> = {
    basic: () => basicAuthenticator(() => known.value?.value ?? NOBODY),
    jwt: () => jwtAuthenticator(() => key.value?.value ?? new Uint8Array(), clock),
    kubernetes: () => kubernetesAuthenticator(options.client, clock),
    certificate: () => certificateAuthenticator,
  };
  const byName = new Map<AuthenticatorName, Authenticator>();
  const authenticator = (name: AuthenticatorName): Authenticator => {
    const authenticatorOfName = byName.get(name) ?? made[name]();
    byName.set(name, authenticatorOfName);
    return authenticatorOfName;
  };
  const own = marathonCredential && new Map([[marathonCredential.principal, marathonCredential.secret]]);
  const authorizer = flags.acls === undefined ? OPEN : aclAuthorizer(flags.acls);
  const guard = new Guard(authorizer, new Denials(clock, log));
  const common = {guard, turnstile: flags.rate_limits && new Turnstile(flags.rate_limits, clock)};
  return ok({
    tls: tls.value,
    master: {...common, realms: masterRealms(flags, authenticator)},
    marathon: {...common, realms: marathonRealms(flags, authenticator, own)},
    guard,
    close: () => {
      for (const file of [tls.value, known.value, key.value]) file?.close();
    },
  });
}

const NOBODY: Credentials = new Map();

type Find = (name: AuthenticatorName) => Authenticator;

function masterRealms(flags: AccessFlags, find: Find): Gatekeeper['realms'] {
  const http = flags.http_authenticators;
  const realm = (part: Part, names: typeof http) => ({name: MASTER_REALMS[part], authenticators: names.map(find)});
  return {
    ...(flags.authenticate_http_readonly && {readonly: realm('readonly', http)}),
    ...(flags.authenticate_http_readwrite && {readwrite: realm('readwrite', http)}),
    ...(flags.authenticate_http_frameworks && {
      frameworks: realm('frameworks', flags.http_framework_authenticators ?? http),
    }),
  };
}

/** Marathon's own credential closes its whole port, whatever the flags of the master say. */
function marathonRealms(flags: AccessFlags, find: Find, own: Credentials | undefined): Gatekeeper['realms'] {
  const {authenticate_http_readonly: readonly, authenticate_http_readwrite: readwrite, http_authenticators} = flags;
  const realm = {
    name: MARATHON_REALM,
    authenticators: [
      ...(own === undefined ? [] : [basicAuthenticator(() => own)]),
      ...(readonly || readwrite ? http_authenticators.map(find) : []),
    ],
  };
  return {
    ...((readonly || own !== undefined) && {readonly: realm}),
    ...((readwrite || own !== undefined) && {readwrite: realm}),
  };
}

async function readCredentials({
  flags,
  clock,
  log,
}: AccessOptions): Promise<Result<KeptFile<Credentials> | undefined, string>> {
  const path = flags.credentials;
  if (path === undefined) return ok(undefined);
  return KeptFile.open({
    ...{clock, log, flagName: 'credentials', parse: parseCredentials},
    read: () => readFileOrDirectory(path, credentialsOf),
  });
}

async function readKey({flags, clock, log}: AccessOptions): Promise<Result<KeptFile<Uint8Array> | undefined, string>> {
  const path = flags.jwt_secret_key;
  if (path === undefined) return ok(undefined);
  return KeptFile.open({
    ...{clock, log, flagName: 'jwt_secret_key', parse: parseKey},
    read: () => readFileOrDirectory(path, () => ''),
  });
}

/** A line end belongs to the editor that wrote the file. */
function parseKey(text: string): Result<Uint8Array, string> {
  const key = new TextEncoder().encode(text.trimEnd());
  return key.length === 0 ? {ok: false, error: 'the file is empty'} : ok(key);
}
