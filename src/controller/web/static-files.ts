import {createHash} from 'node:crypto';
import {extname} from 'node:path';
import {promisify} from 'node:util';
import {brotliCompress, constants, gzip} from 'node:zlib';
import type {Exchange} from './route.ts';

type Form = 'identity' | 'gzip' | 'br';

/** Files that a port sends as they are, by name: no path of a request reaches a disk. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const SHORTER: Readonly<Record<Exclude<Form, 'identity'>, (bytes: Buffer) => Promise<Buffer>>> = {
  gzip: promisify(gzip),
  br: bytes => promisify(brotliCompress)(bytes, {params: {[constants.BROTLI_PARAM_QUALITY]: 9}}),
};

/** One file and its shorter forms. Each is made when somebody asks for the first time: most processes never show any. */
export class StaticFile {
  readonly type: string;
  /** Its name changes with its content: a browser need not ask again. */
  readonly lasting: boolean;
  readonly #read: () => Promise<Buffer>;
  readonly #forms = new Map<Form, Promise<Buffer>>();

  constructor(name: string, read: () => Promise<Buffer>, {lasting = false} = {}) {
    this.type = TYPES[extname(name)] ?? 'application/octet-stream';
    this.lasting = lasting;
    this.#read = read;
  }

  form(form: Form): Promise<Buffer> {
    const known = this.#forms.get(form);
    if (known !== undefined) return known;
    const made = form === 'identity' ? this.#read() : this.form('identity').then(SHORTER[form]);
    this.#forms.set(form, made);
    // What failed once is tried again by the next who asks.
    made.catch(() => this.#forms.delete(form));
    return made;
  }

  async etag(): Promise<string> {
    const digest = createHash('sha256').update(await this.form('identity'));
    return `"${digest.digest('base64url').slice(0, 22)}"`;
  }
}

/** @param policy what the file may load and run, as Content-Security-Policy */
export async function sendStatic({request, response}: Exchange, file: StaticFile, policy: string): Promise<void> {
  const etag = await file.etag();
  response.set({
    'Content-Type': file.type,
    'Content-Security-Policy': policy,
    'Cache-Control': file.lasting ? 'public, max-age=31536000, immutable' : 'no-cache',
    ETag: etag,
    Vary: 'Accept-Encoding',
  });
  if (request.headers['if-none-match'] === etag) return void response.status(304).end();
  const form = (['br', 'gzip'] as const).find(name => request.acceptsEncodings(name) !== false) ?? 'identity';
  if (form !== 'identity') response.set('Content-Encoding', form);
  response.send(await file.form(form));
}
