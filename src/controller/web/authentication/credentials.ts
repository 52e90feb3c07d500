import {Type} from 'typebox';
import {Value} from 'typebox/value';
import {jsonOf} from '../../../lib/json-text.ts';
import {err, ok, type Result} from '../../../lib/result.ts';

/** Secrets by principal. */
export type Credentials = ReadonlyMap<string, string>;

const FILE = Type.Object({
  credentials: Type.Array(Type.Object({principal: Type.String({minLength: 1}), secret: Type.String()})),
});

/** What a directory of a file for each principal says, in the form of one file. */
export const credentialsOf = (files: readonly (readonly [principal: string, secret: string])[]): string =>
  JSON.stringify({credentials: files.map(([principal, secret]) => ({principal, secret}))});

/**
 * Credentials as Mesos has them: `{"credentials": [{"principal", "secret"}]}`, or a principal and its secret on each line.
 *
 * @returns an error without any of the secrets
 */
export function parseCredentials(text: string): Result<Credentials, string> {
  return text.trimStart().startsWith('{') ? parseJson(text) : parseLines(text);
}

function parseJson(text: string): Result<Credentials, string> {
  const json = jsonOf(text);
  if (!Value.Check(FILE, json)) return err('want {"credentials": [{"principal": "…", "secret": "…"}]}');
  return collect(json.credentials.map(({principal, secret}) => [principal, secret] as const));
}

function parseLines(text: string): Result<Credentials, string> {
  const pairs: (readonly [string, string])[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const [principal = '', secret, ...more] = line.trim().split(/\s+/);
    if (principal === '') continue;
    if (secret === undefined || more.length > 0)
      return err(`line ${index + 1}: want a principal and a secret with a space between`);
    pairs.push([principal, secret]);
  }
  return collect(pairs);
}

function collect(pairs: readonly (readonly [string, string])[]): Result<Credentials, string> {
  const credentials = new Map(pairs);
  if (credentials.size < pairs.length) return err('a principal is there twice');
  // A colon ends the principal in the header.
  const odd = [...credentials.keys()].find(principal => principal.includes(':'));
  return odd === undefined ? ok(credentials) : err(`a principal has no colon: "${odd}"`);
}
