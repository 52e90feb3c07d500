import {type FlagTable, type FlagType, type FlagValues, flag, flagTypes, unset} from '../../lib/flags.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import {parseAcls} from '../access/acls.ts';
import {parseRateLimits} from './rate-limits.ts';

const flags = <const Table extends FlagTable>(table: Table): Table => table;

export const AUTHENTICATORS = ['basic', 'jwt', 'kubernetes', 'certificate'] as const;
export type AuthenticatorName = (typeof AUTHENTICATORS)[number];

const authenticators: FlagType<readonly AuthenticatorName[]> = {
  want: `words out of ${AUTHENTICATORS.join(', ')} separated by commas`,
  parse: text => {
    const names = text.split(',').map(word => AUTHENTICATORS.find(name => name === word.trim()));
    return names.includes(undefined)
      ? err(`want ${authenticators.want}, got "${text}"`)
      : ok([...new Set(names.filter(name => name !== undefined))]);
  },
  format: names => names.join(','),
  schema: {type: 'array', item: AUTHENTICATORS.join('|')},
};

/** A value of JSON, which its text shows again. */
const json = <T extends {readonly text: string}>(
  want: string,
  parse: (text: string) => Result<T, string>,
): FlagType<T> => ({
  want,
  parse,
  format: ({text}) => text,
  schema: {type: 'string', pattern: '^\\s*(\\{[\\s\\S]*\\}|file://.+)\\s*$'},
});

const DIRECTORY = 'Read again when it changes.';

/** Who may call both ports, and do what. Names and defaults are those of Mesos where the meaning is. */
export const ACCESS_FLAGS = flags({
  authenticate_http_readonly: flag(
    flagTypes.boolean,
    false,
    'Must callers show who they are before they read what both ports show? Health, version and the leader stay open.',
  ),
  authenticate_http_readwrite: flag(
    flagTypes.boolean,
    false,
    'Must callers show who they are on paths where something can be changed?',
  ),
  authenticate_http_frameworks: flag(flagTypes.boolean, false, 'Must frameworks show who they are?'),
  http_authenticators: flag(
    authenticators,
    ['basic'],
    'How callers may show who they are: a name and a secret, a JWT, a token of Kubernetes, a certificate.',
  ),
  http_framework_authenticators: unset(authenticators, 'The same for frameworks; unset: as --http_authenticators.'),
  credentials: unset(
    flagTypes.path,
    `File with principals and secrets as Mesos has it, JSON or a pair on each line; or a directory, as a Secret is mounted: a file for each principal. ${DIRECTORY}`,
  ),
  jwt_secret_key: unset(flagTypes.path, `File with the key that JSON Web Tokens are signed with (HS256). ${DIRECTORY}`),
  acls: unset(
    json('a JSON object of ACLs', parseAcls),
    'Access control lists as Mesos has them, JSON or file://PATH; unset: everybody who is let in may do everything.',
  ),
  rate_limits: unset(
    json('a JSON object of rate limits', parseRateLimits),
    'Requests a second by principal as Mesos has them, JSON or file://PATH. More of them wait, as many as the capacity; others get 429.',
  ),
  ssl_cert_file: unset(flagTypes.path, `Certificate, with those above it, for TLS on both ports (PEM). ${DIRECTORY}`),
  ssl_key_file: unset(flagTypes.path, `The key of --ssl_cert_file (PEM). ${DIRECTORY}`),
  ssl_ca_file: unset(
    flagTypes.path,
    `Authorities that sign certificates of clients, and of the other controllers (PEM). ${DIRECTORY}`,
  ),
});

export type AccessFlags = FlagValues<typeof ACCESS_FLAGS>;

/** What no flag can say alone; each mistake as a sentence. */
export function accessMistakes(values: AccessFlags): string[] {
  const {http_authenticators: http, http_framework_authenticators: frameworks = http} = values;
  const asked = [
    ...(values.authenticate_http_readonly || values.authenticate_http_readwrite ? http : []),
    ...(values.authenticate_http_frameworks ? frameworks : []),
  ];
  const mistakes: string[] = [];
  const needs = (name: AuthenticatorName, flagName: string, value: string | undefined): void => {
    if (asked.includes(name) && value === undefined)
      mistakes.push(`--${flagName} is required: callers show who they are by ${name}`);
  };
  needs('basic', 'credentials', values.credentials);
  needs('jwt', 'jwt_secret_key', values.jwt_secret_key);
  needs('certificate', 'ssl_ca_file', values.ssl_ca_file);
  const {ssl_cert_file: certificate, ssl_key_file: key, ssl_ca_file: authorities} = values;
  if ((certificate === undefined) !== (key === undefined))
    mistakes.push(
      `--ssl_${certificate === undefined ? 'cert' : 'key'}_file is required: TLS needs a certificate and its key`,
    );
  if (authorities !== undefined && certificate === undefined)
    mistakes.push('--ssl_ca_file: want --ssl_cert_file and --ssl_key_file as well');
  return mistakes;
}
