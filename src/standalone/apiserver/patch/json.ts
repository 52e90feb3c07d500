import {checkLimit, explainTooMuch, type TooMuch} from '../../../lib/limits.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {cloneJson, equalJson, isObject, type JsonObject, type JsonValue, memberOf, setMember} from '../schema/json.ts';

/** `malformed`: not a JSON patch at all (400). `failed`: it does not apply to this object (422). `too-much`: 413. */
export type PatchError = {readonly kind: 'malformed' | 'failed' | 'too-much'; readonly message: string};

type Operation = {readonly op: string; readonly path: string; readonly from?: string; readonly value?: JsonValue};

/**
 * RFC 6902: all operations or none.
 *
 * @param target not changed
 * @param patch  the decoded body
 */
export function applyJsonPatch(target: JsonObject, patch: JsonValue): Result<JsonObject, PatchError> {
  if (!Array.isArray(patch)) return malformed('a JSON patch is an array of operations');
  const tooMany = checkLimit('patchOperations', patch.length);
  if (tooMany !== undefined) return beyond(tooMany);
  const root: JsonObject = {'': cloneJson(target)};
  let copiedBytes = 0;
  for (const item of patch) {
    const decoded = decodeOperation(item);
    if (!decoded.ok) return decoded;
    // Twenty copies of a copy make a million of one.
    copiedBytes += copyBytes(root, decoded.value);
    const tooMuch = checkLimit('objectBytes', copiedBytes);
    if (tooMuch !== undefined) return beyond({...tooMuch, atLeast: true});
    const message = applyOperation(root, decoded.value);
    if (message !== undefined) return err({kind: 'failed', message});
  }
  const result = root[''];
  return isObject(result) ? ok(result) : err({kind: 'failed', message: 'the result is not an object'});
}

const copyBytes = (root: JsonObject, {op, from = ''}: Operation): number =>
  op === 'copy' ? JSON.stringify(read(root, from) ?? null).length : 0;

const beyond = (found: TooMuch): Result<never, PatchError> => err({kind: 'too-much', message: explainTooMuch(found)});

const malformed = (message: string): Result<never, PatchError> => err({kind: 'malformed', message});

function decodeOperation(item: JsonValue): Result<Operation, PatchError> {
  const op = memberOf(item, 'op');
  const path = memberOf(item, 'path');
  const from = memberOf(item, 'from');
  if (typeof op !== 'string' || typeof path !== 'string') return malformed('an operation has op and path');
  if (path !== '' && !path.startsWith('/')) return malformed(`path ${JSON.stringify(path)} does not start with /`);
  const needsFrom = op === 'move' || op === 'copy';
  if (needsFrom && typeof from !== 'string') return malformed(`${op} needs from`);
  const value = memberOf(item, 'value');
  if ((op === 'add' || op === 'replace') && value === undefined) return malformed(`${op} needs a value`);
  return ok({op, path, ...(typeof from === 'string' ? {from} : {}), ...(value === undefined ? {} : {value})});
}

/** @returns why the operation does not apply, or undefined when it did */
function applyOperation(root: JsonObject, {op, path, from = '', value = null}: Operation): string | undefined {
  switch (op) {
    case 'add':
      return add(root, path, value);
    case 'remove':
      return remove(root, path);
    case 'replace':
      return replace(root, path, value);
    case 'test':
      return equalJson(read(root, path) ?? null, value) ? undefined : `testing value ${path} failed: test failed`;
    case 'copy':
    case 'move':
      return transfer(root, op, from, path);
    default:
      return `Unexpected kind: ${op}`;
  }
}

function transfer(root: JsonObject, op: 'copy' | 'move', from: string, path: string): string | undefined {
  const value = read(root, from);
  if (value === undefined) return missing(op, from);
  if (op === 'move' && path.startsWith(`${from}/`)) return `move operation does not apply: ${path} is inside ${from}`;
  const moved = cloneJson(value);
  return (op === 'move' ? remove(root, from) : undefined) ?? add(root, path, moved);
}

const missing = (op: string, path: string): string => `${op} operation does not apply: doc is missing path: "${path}"`;

/** The root document hangs under the empty key, so that the path '' is no special case. */
const tokens = (path: string): readonly string[] =>
  `${path}`.split('/').map(token => token.replaceAll('~1', '/').replaceAll('~0', '~'));

type Place = {readonly parent: JsonValue[] | JsonObject; readonly token: string};

function locate(root: JsonObject, path: string): Place | undefined {
  const all = tokens(path);
  let at: JsonValue | undefined = root;
  for (const token of all.slice(0, -1)) at = child(at, token);
  const token = all.at(-1) ?? '';
  return Array.isArray(at) || isObject(at) ? {parent: at, token} : undefined;
}

function child(value: JsonValue | undefined, token: string): JsonValue | undefined {
  if (!Array.isArray(value)) return memberOf(value, token);
  const index = indexOf(token);
  return index === undefined ? undefined : value[index];
}

const indexOf = (token: string): number | undefined => (/^(0|[1-9]\d*)$/.test(token) ? Number(token) : undefined);

function read(root: JsonObject, path: string): JsonValue | undefined {
  const place = locate(root, path);
  return place === undefined ? undefined : child(place.parent, place.token);
}

function add(root: JsonObject, path: string, value: JsonValue): string | undefined {
  const place = locate(root, path);
  if (place === undefined) return missing('add', path);
  const {parent, token} = place;
  if (!Array.isArray(parent)) {
    setMember(parent, token, value);
    return undefined;
  }
  const index = token === '-' ? parent.length : indexOf(token);
  if (index === undefined || index > parent.length) return missing('add', path);
  parent.splice(index, 0, value);
  return undefined;
}

function remove(root: JsonObject, path: string): string | undefined {
  const place = locate(root, path);
  if (place === undefined || child(place.parent, place.token) === undefined) return missing('remove', path);
  if (Array.isArray(place.parent)) place.parent.splice(Number(place.token), 1);
  else delete place.parent[place.token];
  return undefined;
}

function replace(root: JsonObject, path: string, value: JsonValue): string | undefined {
  const place = locate(root, path);
  if (place === undefined || child(place.parent, place.token) === undefined) return missing('replace', path);
  if (Array.isArray(place.parent)) place.parent[Number(place.token)] = value;
  else setMember(place.parent, place.token, value);
  return undefined;
}
