import {objectAt} from '../fields.ts';
import type {ApiObject} from '../object.ts';
import {invalid, tooLong} from '../schema/cause.ts';
import type {StatusCause} from '../schema/schema.ts';

const KEY_LIMIT = 253;
const SIZE_LIMIT_BYTES = 1024 * 1024;
const KEY_MESSAGE =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/** What is wrong with the keys and the size of a ConfigMap's or Secret's data. */
export function dataCauses(object: ApiObject, fields: readonly string[], sizeField: string): readonly StatusCause[] {
  const causes = fields.flatMap(field =>
    Object.keys(objectAt(object, field) ?? {}).flatMap(key =>
      keyProblems(key).map(why => invalid(`${field}[${key}]`, key, why)),
    ),
  );
  const binary = objectAt(object, 'binaryData') ?? {};
  const twice = Object.keys(objectAt(object, 'data') ?? {}).filter(key => Object.hasOwn(binary, key));
  causes.push(...twice.map(key => invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')));
  if (sizeOf(object, fields) > SIZE_LIMIT_BYTES) {
    causes.push(tooLong(sizeField, SIZE_LIMIT_BYTES));
  }
  return causes;
}

function keyProblems(key: string): readonly string[] {
  const problems: string[] = [];
  if (key.length > KEY_LIMIT) problems.push(`must be no more than ${KEY_LIMIT} characters`);
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) problems.push(KEY_MESSAGE);
  if (key === '.' || key === '..') problems.push(`must not be '${key}'`);
  else if (key.startsWith('..')) problems.push("must not start with '..'");
  return problems;
}

const sizeOf = (object: ApiObject, fields: readonly string[]): number =>
  fields
    .flatMap(field => Object.values(objectAt(object, field) ?? {}))
    .reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 0), 0);
