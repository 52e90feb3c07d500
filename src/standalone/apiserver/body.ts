import {type Document, isScalar, LineCounter, parseDocument, visit} from 'yaml';
import {readJson} from '../../lib/bounded-json.ts';
import {checkLimit, limitOf} from '../../lib/limits.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import {checkBounds} from './bounds.ts';
import {type ApiError, badRequest, beyondLimit, unsupportedMediaType} from './errors.ts';
import {decodeProtobuf} from './protobuf/decode.ts';
import {duplicateField} from './schema/prune.ts';
import {duplicateFields} from './schema/duplicates.ts';
import {inGoWords, isObject, type JsonObject, type JsonValue} from './schema/json.ts';

/** A request body: its JSON, and the fields it names twice (as field validation words them). */
export type Body = {readonly json: JsonValue; readonly duplicates: readonly string[]};

export const OBJECT_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

/** The media type of a Content-Type header, without parameters. */
export const mediaType = (header: string | undefined): string =>
  (header ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

/** Decodes a body that carries an object. No Content-Type means JSON. */
export function decodeBody(bytes: Uint8Array, contentType: string): Result<Body, ApiError> {
  switch (contentType) {
    case '':
    case 'application/json':
      return decodeJson(bytes);
    case 'application/yaml':
    case 'application/x-yaml':
      return decodeYaml(bytes);
    case 'application/vnd.kubernetes.protobuf': {
      const decoded = decodeProtobuf(bytes);
      return decoded.ok ? ok({json: decoded.value, duplicates: []}) : err(badRequest(decoded.error));
    }
    default:
      return err(unsupportedMediaType(OBJECT_TYPES));
  }
}

export function decodeJson(bytes: Uint8Array): Result<Body, ApiError> {
  const json = readJson(bytes);
  const text = textOfBytes(bytes);
  if (!json.ok) {
    if (json.error.kind === 'too-much') return err(beyondLimit(json.error));
    return err(badRequest(`couldn't get version/kind; json parse error: ${inGoWords(text, json.error.message)}`));
  }
  const value = json.value as JsonValue;
  const found = checkBounds(value);
  if (found !== undefined) return err(beyondLimit(found));
  return ok({json: value, duplicates: duplicateFields(text, LISTED).map(duplicateField)});
}

export function decodeYaml(bytes: Uint8Array): Result<Body, ApiError> {
  // JSON is YAML too, and most of what comes as YAML is JSON: kubectl sends it so.
  const asJson = bytes[0] === OPENING_BRACE ? decodeJson(bytes) : undefined;
  if (asJson !== undefined && (asJson.ok || asJson.error.code === 413)) return asJson;
  const tooMuch = checkLimit('yamlBytes', bytes.length);
  if (tooMuch !== undefined) return err(beyondLimit(tooMuch));
  const text = textOfBytes(bytes);
  const tooDeep = checkLimit('jsonDepth', flowDepth(text));
  if (tooDeep !== undefined) return err(beyondLimit(tooDeep));
  try {
    return readYaml(text);
  } catch (error) {
    // Aliases that lead nowhere, to too much or to what cannot be merged; blocks that are too deep for the parser.
    return err(brokenYaml(error));
  }
}

function readYaml(text: string): Result<Body, ApiError> {
  const lines = new LineCounter();
  // Its own search for keys that are repeated compares each key with each.
  const document = parseDocument(text, {uniqueKeys: false, merge: true, lineCounter: lines});
  const [broken] = document.errors;
  if (broken !== undefined) return err(brokenYaml(broken));
  const duplicates = repeatedKeys(document, lines).map(line => `yaml: line ${line}: key already set in map`);
  const value: JsonValue = document.toJS({maxAliasCount: MAX_ALIASES}) ?? null;
  const found = checkBounds(value);
  if (found !== undefined) return err(beyondLimit(found));
  // Through JSON: dates, big numbers and the like become what a JSON body could have said.
  return ok({json: JSON.parse(JSON.stringify(value)), duplicates});
}

/** How deep brackets stand in each other; the parser takes the square of it. */
function flowDepth(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const char of text) {
    if (char === '[' || char === '{') deepest = Math.max(deepest, ++depth);
    else if (char === ']' || char === '}') depth = Math.max(0, depth - 1);
  }
  return deepest;
}

const OPENING_BRACE = 0x7b;
const MAX_ALIASES = 100;
const LISTED = limitOf('errorsListed');
const SHOWN_CHARS = 512;

const brokenYaml = (error: unknown): ApiError =>
  badRequest(
    `error converting YAML to JSON: ${(error instanceof Error ? error.message : String(error)).slice(0, SHOWN_CHARS)}`,
  );

/** The lines of keys that their map has already, as many as an answer may list. */
function repeatedKeys(document: Document, lines: LineCounter): readonly number[] {
  const found: number[] = [];
  visit(document, {
    Map: (_key, map) => {
      const seen = new Set<unknown>();
      for (const {key} of map.items) {
        if (!isScalar(key) || key.value === '<<') continue;
        if (seen.has(key.value) && found.length < LISTED) found.push(lines.linePos(key.range?.[0] ?? 0).line);
        seen.add(key.value);
      }
    },
  });
  return found;
}

/** The object of a body. */
export function objectOf(body: Body): Result<JsonObject, ApiError> {
  if (isObject(body.json)) return ok(body.json);
  return err(
    badRequest(
      "couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct",
    ),
  );
}

const textOfBytes = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
