import {parseDocument} from 'yaml';
import {err, ok, type Result} from '../../lib/result.ts';
import {type ApiError, badRequest, unsupportedMediaType} from './errors.ts';
import {decodeProtobuf} from './protobuf/decode.ts';
import {duplicateField} from './schema/prune.ts';
import {duplicateFields} from './schema/duplicates.ts';
import {isObject, parseJson, type JsonObject, type JsonValue} from './schema/json.ts';

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
  const text = textOfBytes(bytes);
  const json = parseJson(text);
  if (!json.ok) return err(badRequest(`couldn't get version/kind; json parse error: ${json.error}`));
  return ok({json: json.value, duplicates: duplicateFields(text).map(duplicateField)});
}

export function decodeYaml(bytes: Uint8Array): Result<Body, ApiError> {
  const document = parseDocument(textOfBytes(bytes), {uniqueKeys: true, merge: true});
  const broken = document.errors.find(error => error.code !== 'DUPLICATE_KEY');
  if (broken !== undefined) return err(badRequest(`error converting YAML to JSON: ${broken.message}`));
  const duplicates = document.errors.map(error => `yaml: line ${error.linePos?.[0].line ?? 0}: key already set in map`);
  // Through JSON: dates, big numbers and the like become what a JSON body could have said.
  const json: JsonValue = JSON.parse(JSON.stringify(document.toJS({maxAliasCount: 100}) ?? null));
  return ok({json, duplicates});
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
