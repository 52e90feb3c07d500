import {err, ok, type Result} from '../../../lib/result.ts';
import {checkBounds} from '../bounds.ts';
import {type ApiError, badRequest, beyondLimit, invalid} from '../errors.ts';
import {apiVersionOf, type Kind} from '../kinds.ts';
import {type ApiObject, decodeObject} from '../object.ts';
import {builtinSchema, objectMetaSchema} from '../schema/builtin.ts';
import {defaultObject} from '../schema/default.ts';
import {decodingProblem} from '../schema/go-types.ts';
import {isObject, type JsonObject, type JsonValue} from '../schema/json.ts';
import {pruneObject, unknownField} from '../schema/prune.ts';
import {memberSchema, preservesUnknown, type Schema} from '../schema/schema.ts';
import type {WriteRequest} from './request.ts';

export type Shaped = {readonly object: ApiObject; readonly warnings: readonly string[]};

/** How a body that does not fit its kind is refused. */
type Refusal = (kind: Kind, why: string) => ApiError;

export const schemaOfKind = (kind: Kind): Schema =>
  kind.schema ?? builtinSchema(kind.group, kind.version, kind.kind) ?? {type: 'object', additionalProperties: true};

/**
 * Gives what a client sent the shape of its kind: unknown fields and nulls go, defaults come.
 *
 * @param problems duplicate fields found while decoding
 * @param refuse   how to word a refusal of the content
 * @returns        the same object, changed in place; an error when it is of another kind or validation is strict
 */
export function shape(
  request: WriteRequest,
  json: JsonObject,
  problems: readonly string[],
  refuse: Refusal = cannotBeHandled,
): Result<Shaped, ApiError> {
  const {kind} = request;
  const tooMuch = checkBounds(json);
  if (tooMuch !== undefined) return err(beyondLimit(tooMuch));
  const wrongKind = checkKind(kind, json);
  if (wrongKind !== undefined) return err(wrongKind);
  const schema = schemaOfKind(kind);
  const undecodable = typeProblem(kind, json);
  if (undecodable !== undefined) return err(refuse(kind, undecodable));
  const unknown = pruneObject(schema, json).map(unknownField);
  const issues = [...problems, ...unknown];
  if (issues.length > 0 && request.fieldValidation === 'Strict') {
    return err(refuse(kind, `strict decoding error: ${issues.join(', ')}`));
  }
  const decoded = decodeObject(json);
  if (!decoded.ok) return err(refuse(kind, decoded.error));
  if (kind.custom) dropForbiddenNulls(schema, json);
  else dropNulls(json);
  dropEmptyMeta(json['metadata']);
  defaultObject(schema, json);
  return ok({object: decoded.value, warnings: request.fieldValidation === 'Ignore' ? [] : issues});
}

/** An empty list or map of the metadata is as good as none, also in what was stored. */
function dropEmptyMeta(metadata: JsonValue | undefined): void {
  if (!isObject(metadata)) return;
  for (const name of ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const) {
    const value = metadata[name];
    if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) delete metadata[name];
  }
}

/** Of a custom kind only the metadata has Go types; the rest is a matter of validation. */
function typeProblem(kind: Kind, json: JsonObject): string | undefined {
  if (!kind.custom) return decodingProblem(schemaOfKind(kind), json, kind.kind);
  return decodingProblem(objectMetaSchema(), json['metadata'] ?? {}, 'ObjectMeta');
}

/** An object of a custom kind says what it is. */
export function missingType({custom}: Kind, json: JsonObject): ApiError | undefined {
  const missing = (json['kind'] ?? '') === '' ? 'Kind' : (json['apiVersion'] ?? '') === '' ? 'apiVersion' : undefined;
  if (!custom || missing === undefined) return undefined;
  return badRequest(`Object '${missing}' is missing in '${JSON.stringify(json)}'`);
}

function checkKind(kind: Kind, json: JsonObject): ApiError | undefined {
  const apiVersion = json['apiVersion'] ?? '';
  const name = json['kind'] ?? '';
  // As in Kubernetes: an object of a built-in kind may leave out what the path says anyway.
  if (apiVersion === '') json['apiVersion'] = apiVersionOf(kind);
  if (name === '') json['kind'] = kind.kind;
  if (json['apiVersion'] === apiVersionOf(kind) && json['kind'] === kind.kind) return undefined;
  if (json['kind'] === kind.kind) {
    return badRequest(
      `the API version in the data (${String(apiVersion)}) does not match the expected API version (${apiVersionOf(kind)})`,
    );
  }
  if (kind.custom && groupOf(String(apiVersion)) === kind.group) return wrongCustomKind(kind, String(name), json);
  const version = lastPart(String(apiVersion));
  const internal = kind.group === '' ? 'core' : (kind.group.split('.')[0] ?? kind.group);
  return badRequest(
    `${String(name)} in version "${version}" cannot be handled as a ${kind.kind}: converting (${version}.${String(name)}) to (${internal}.${kind.kind}): unknown conversion`,
  );
}

function wrongCustomKind({group, kind}: Kind, given: string, {metadata}: JsonObject): ApiError {
  const name = isObject(metadata) && typeof metadata['name'] === 'string' ? metadata['name'] : '';
  const message = `Invalid value: ${JSON.stringify(given)}: must be ${kind}`;
  return invalid({group, kind: given, plural: ''}, name, [{reason: 'FieldValueInvalid', field: 'kind', message}]);
}

const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '');
const lastPart = (apiVersion: string): string => apiVersion.split('/').at(-1) ?? apiVersion;

const cannotBeHandled = (kind: Kind, why: string): ApiError =>
  badRequest(`${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${why}`);

/** A null in a built-in kind is an absent field. */
function dropNulls(value: JsonValue): void {
  if (Array.isArray(value)) value.forEach(dropNulls);
  if (!isObject(value)) return;
  for (const [field, child] of Object.entries(value)) {
    if (child === null) delete value[field];
    else dropNulls(child);
  }
}

/** A null in a custom kind is an absent field unless its schema wants to hear of nulls, or has a default for it. */
function dropForbiddenNulls(schema: Schema, value: JsonValue): void {
  if (Array.isArray(value)) {
    const {items} = schema;
    if (items !== undefined) for (const item of value) dropForbiddenNulls(items, item);
  }
  if (!isObject(value)) return;
  for (const [field, child] of Object.entries(value)) {
    const known = memberSchema(schema, field);
    if (known === undefined) continue;
    if (child !== null) dropForbiddenNulls(known, child);
    else if (known.nullable !== true && known.default === undefined && !preservesUnknown(known)) delete value[field];
  }
}
