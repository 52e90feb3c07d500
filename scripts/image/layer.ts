import {readFile} from 'node:fs/promises';
import {Header, type HeaderData, Pax} from 'tar';

/** A file of an image, below its root. Parent folders come by themselves. */
export type RootEntry = {
  /** Without a leading slash. */
  readonly path: string;
  /** Permission bits; 0644 for files, 0755 for folders when absent. */
  readonly mode?: number;
} & (
  | {readonly kind: 'file'; readonly content: Buffer | {readonly from: string}}
  | {readonly kind: 'folder'}
  | {readonly kind: 'link'; readonly target: string}
);

const BLOCK = 512;
const EPOCH = new Date(0);

/** A tar of the entries: sorted, owned by root, of 1970, so that the same files give the same bytes on every machine. */
export async function tarOf(entries: readonly RootEntry[]): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (const entry of withFolders(entries)) {
    const content = await contentOf(entry);
    parts.push(...headersOf(entry, content.length), content, Buffer.alloc(padding(content.length)));
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

const byPath = (a: RootEntry, b: RootEntry): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);

function withFolders(entries: readonly RootEntry[]): RootEntry[] {
  const all = new Map<string, RootEntry>();
  for (const {path} of entries) {
    const names = path.split('/');
    for (let depth = 1; depth < names.length; depth++) {
      const folder = names.slice(0, depth).join('/');
      all.set(folder, {kind: 'folder', path: folder});
    }
  }
  for (const entry of entries) all.set(entry.path, entry);
  return [...all.values()].sort(byPath);
}

async function contentOf(entry: RootEntry): Promise<Buffer> {
  if (entry.kind !== 'file') return Buffer.alloc(0);
  return Buffer.isBuffer(entry.content) ? entry.content : readFile(entry.content.from);
}

const TYPES = {file: 'File', folder: 'Directory', link: 'SymbolicLink'} as const;

function headersOf(entry: RootEntry, size: number): Buffer[] {
  const data: HeaderData = {
    path: entry.kind === 'folder' ? `${entry.path}/` : entry.path,
    mode: entry.mode ?? (entry.kind === 'file' ? 0o644 : 0o755),
    uid: 0,
    gid: 0,
    size,
    mtime: EPOCH,
    type: TYPES[entry.kind],
    ...(entry.kind === 'link' ? {linkpath: entry.target} : {}),
  };
  const header = new Header(data);
  const long = header.encode();
  const block = header.block;
  if (block === undefined) throw new Error(`no tar header for ${entry.path}`);
  // Only what does not fit the short header: everything else would be said twice.
  return long ? [new Pax({path: data.path, linkpath: data.linkpath}).encode(), block] : [block];
}

const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;
