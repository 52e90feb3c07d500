import {createReadStream} from 'node:fs';
import {basename} from 'node:path';
import {pipeline} from 'node:stream/promises';
import type {Request} from 'express';
import {limitOf} from '../../lib/limits.ts';
import {JSONP, sendJson} from './jsonp.ts';
import {type Exchange, NO_BODY, type Route} from './route.ts';
import type {FileEntry, FileError, VirtualFiles} from './virtual-files.ts';

export type FileDoors = {readonly files: VirtualFiles};

const EACH = {method: 'GET', answeredBy: 'any', body: NO_BODY, permission: 'view-process'} as const;
const LOGS = {action: 'access_mesos_logs'} as const;

/** Files that a process shows: its log, and what is in the directories of tasks. */
export const FILE_ROUTES: readonly Route<FileDoors>[] = [
  {
    ...EACH,
    path: '/files/browse',
    asks: LOGS,
    does: 'Lists a directory.',
    query: {path: 'Its path.', ...JSONP},
    handle: (exchange, {files}) =>
      withPath(exchange, async path => {
        const listed = await files.list(path);
        if (listed.ok) sendJson(exchange, listed.value.map(browsed));
        else refuse(exchange, listed.error);
      }),
  },
  {
    ...EACH,
    path: '/files/read',
    asks: LOGS,
    does: 'Reads a part of a file.',
    query: {
      path: 'Its path.',
      offset: 'First byte; -1, or absent: answers the length of the file.',
      length: 'Bytes at most; -1, or absent: as many as one answer takes.',
      ...JSONP,
    },
    handle: read,
  },
  {
    ...EACH,
    path: '/files/download',
    asks: LOGS,
    does: 'Sends a whole file.',
    query: {path: 'Its path.'},
    answers: ['application/octet-stream', '*/*'],
    handle: download,
  },
  {
    ...EACH,
    path: '/files/debug',
    does: 'Lists which paths are shown, and where they really are.',
    query: JSONP,
    handle: (exchange, {files}) => sendJson(exchange, files.all()),
  },
];

const send = ({response}: Exchange, status: number, message: string): void =>
  void response.status(status).type('text').send(message);

function refuse(exchange: Exchange, {kind}: FileError): void {
  switch (kind) {
    case 'wrong-path':
      return send(exchange, 400, "Expecting 'path' to be absolute");
    case 'not-found':
      return send(exchange, 404, 'There is no such file');
    case 'directory':
      return send(exchange, 400, 'Cannot read or download a directory');
    default:
      return kind satisfies never;
  }
}

async function withPath(exchange: Exchange, use: (path: string) => Promise<void>): Promise<void> {
  const path = exchange.request.query['path'];
  if (typeof path !== 'string' || path === '') return send(exchange, 400, "Expecting 'path=value' in the query");
  await use(path);
}

function read(exchange: Exchange, {files}: FileDoors): Promise<void> {
  return withPath(exchange, async path => {
    const {query} = exchange.request;
    const [offset, length] = [wholeNumber(query['offset']), wholeNumber(query['length'])];
    if (offset === undefined || length === undefined)
      return send(exchange, 400, "Expecting 'offset' and 'length' to be whole numbers of -1 or more");
    if (offset === -1) {
      const found = await files.file(path);
      if (found.ok) sendJson(exchange, {offset: found.value.size, data: ''});
      else refuse(exchange, found.error);
      return;
    }
    const most = limitOf('filePartBytes');
    const part = await files.read(path, {offset, most, ...(length >= 0 && {length})});
    if (part.ok) sendJson(exchange, {offset, data: part.value.data.toString('utf8')});
    else refuse(exchange, part.error);
  });
}

/** -1: absent. Undefined: no such number. */
function wholeNumber(value: Request['query'][string]): number | undefined {
  if (value === undefined) return -1;
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : undefined;
  return number !== undefined && number >= -1 && Number.isSafeInteger(number) ? number : undefined;
}

function download(exchange: Exchange, {files}: FileDoors): Promise<void> {
  return withPath(exchange, async path => {
    const found = await files.file(path);
    if (!found.ok) return refuse(exchange, found.error);
    const {response, request} = exchange;
    const name = encodeURIComponent(basename(path));
    response.setHeader('Content-Type', 'application/octet-stream');
    response.setHeader('Content-Disposition', `attachment; filename*=UTF-8''${name}`);
    response.setHeader('Content-Length', found.value.size);
    if (request.method === 'HEAD' || found.value.size === 0) return void response.end();
    // Of a file that grows only what the head has promised.
    const stream = createReadStream(found.value.real, {end: found.value.size - 1});
    // A reader that leaves, or a file that shrinks, ends the answer.
    await pipeline(stream, response).catch(() => response.destroy());
  });
}

const browsed = ({path, nlink, size, mtimeMs, mode, uid, gid}: FileEntry): object => ({
  path,
  nlink,
  size,
  mtime: Math.floor(mtimeMs / 1000),
  mode: modeText(mode),
  uid: String(uid),
  gid: String(gid),
});

/** As `ls -l` writes it. */
function modeText(mode: number): string {
  const type = (mode & 0o170000) === 0o040000 ? 'd' : '-';
  const bits = [...'rwxrwxrwx'].map((letter, index) => ((mode & (0o400 >> index)) === 0 ? '-' : letter));
  return type + bits.join('');
}
