import express, {type Request, type Response} from 'express';
import {readJson} from '../../lib/bounded-json.ts';
import {checkLimit, limitOf, type LimitName} from '../../lib/limits.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import type {Refusal} from './refusal.ts';
import {type Body, BytesBody} from './route.ts';

export const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/**
 * A browser sends forms and plain text anywhere without asking; JSON it sends to its own origin alone. So nothing but
 * JSON changes anything, but for the forms of older pages.
 *
 * @param type the media type given; undefined: none
 */
export function checkContentType(body: Body, type: string | undefined): Refusal | undefined {
  const mime = mediaType(type);
  const types = typesOf(body);
  const wanted = types.join(' or ');
  if (mime === undefined) return body.kind === 'none' ? undefined : {kind: 'no-content-type', wanted};
  const fits = types.includes(mime) || (types.includes(JSON_TYPE) && body.kind !== 'bytes' && mime.endsWith('+json'));
  return fits ? undefined : {kind: 'wrong-content-type', wanted};
}

/** In lower case, without parameters; undefined: none is given. */
const mediaType = (type: string | undefined): string | undefined => type?.split(';')[0]?.trim().toLowerCase();

/** The media types that a row takes. */
export function typesOf(body: Body): readonly string[] {
  if (body.kind === 'bytes') return body.types;
  return [body.kind === 'form' ? FORM_TYPE : JSON_TYPE];
}

/** Reads what a row says that a request carries, within its limits. */
export async function readBody(body: Body, request: Request, response: Response): Promise<Result<unknown, Refusal>> {
  if (body.kind === 'none') return ok(undefined);
  const bytes = await readBytes(body.limit, request, response);
  if (!bytes.ok) return bytes;
  if (body.kind === 'form') return readForm(bytes.value);
  if (body.kind === 'bytes') return ok(new BytesBody(mediaType(request.headers['content-type']) ?? '', bytes.value));
  if (isBlank(bytes.value)) return err({kind: 'empty-body'});
  const json = readJson(bytes.value);
  if (json.ok) return json;
  return err(json.error.kind === 'too-much' ? {kind: 'too-much', status: 413, tooMuch: json.error} : json.error);
}

function readForm(bytes: Buffer): Result<URLSearchParams, Refusal> {
  const most = limitOf('queryParameters');
  let fields = 1;
  for (let at = bytes.indexOf('&'); at >= 0 && fields <= most; at = bytes.indexOf('&', at + 1)) fields++;
  const tooMuch = checkLimit('queryParameters', fields);
  if (tooMuch !== undefined) return err({kind: 'too-much', status: 413, tooMuch: {...tooMuch, atLeast: true}});
  return ok(new URLSearchParams(bytes.toString('utf8')));
}

function isBlank(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte !== 0x20 && (byte < 0x09 || byte > 0x0d)) return false;
  }
  return true;
}

/** Inflates as it reads, and stops at the limit. */
async function readBytes(
  name: LimitName | undefined,
  request: Request,
  response: Response,
): Promise<Result<Buffer, Refusal>> {
  const read = express.raw({type: () => true, limit: limitOf(name ?? 'inflatedBytes')});
  const error = await new Promise<unknown>(resolve => void read(request, response, resolve));
  if (error !== undefined) return err(refusalOf(error as BodyError, name));
  const bytes: unknown = request.body;
  return ok(Buffer.isBuffer(bytes) ? bytes : Buffer.alloc(0));
}

/** As the package of express describes it. */
type BodyError = {
  readonly status?: number;
  readonly type?: string;
  readonly message?: string;
  readonly length?: number;
  readonly received?: number;
};

/** What was announced is known whole; what came was counted up to the limit. */
function refusalOf({status = 400, type, message = '', length, received}: BodyError, name?: LimitName): Refusal {
  if (type !== 'entity.too.large') return {kind: 'broken-body', status, message};
  const limit = name ?? (length === undefined ? 'inflatedBytes' : 'bodyBytes');
  const found = length ?? received ?? limitOf(limit) + 1;
  return {kind: 'too-much', status: 413, tooMuch: {kind: 'too-much', limit, found, atLeast: length === undefined}};
}
