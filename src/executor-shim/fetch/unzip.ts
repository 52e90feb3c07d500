import {chmod, rm, symlink} from 'node:fs/promises';
import {text} from 'node:stream/consumers';
import {pipeline} from 'node:stream/promises';
import {crc32} from 'node:zlib';
import {type Entry, openPromise, type ZipFile} from 'yauzl';
import {TooLarge} from './download.ts';
import {createFile, linkProblem, sandboxFile} from './sandbox-path.ts';

/** Of a Unix archiver's entry: type and permissions. */
const modeOf = ({externalFileAttributes}: Entry): number => externalFileAttributes >>> 16;
const FILE_TYPE = 0o170000;
const SYMBOLIC_LINK = 0o120000;
const isLink = (entry: Entry): boolean => (modeOf(entry) & FILE_TYPE) === SYMBOLIC_LINK;

/** Unpacks a zip into a directory. Paths stay below it, and so do the targets of links, which are made last. */
export async function unzip(archive: string, directory: string, maxBytes: number): Promise<void> {
  const zip = await openPromise(archive, {autoClose: false});
  try {
    const links: Entry[] = [];
    let bytes = 0;
    for await (const entry of zip.eachEntry()) {
      bytes += entry.uncompressedSize + entry.fileNameLength;
      if (bytes > maxBytes) throw new TooLarge(maxBytes);
      if (isLink(entry)) links.push(entry);
      else await writeEntry(zip, entry, directory);
    }
    for (const entry of links) await linkEntry(zip, entry, directory);
  } finally {
    zip.close();
  }
}

async function writeEntry(zip: ZipFile, entry: Entry, directory: string): Promise<void> {
  const {fileName} = entry;
  if (fileName.endsWith('/')) {
    await sandboxFile(directory, `${fileName}.`);
    return;
  }
  const path = await sandboxFile(directory, namesOf(fileName));
  const content = await zip.openReadStreamPromise(entry);
  const file = await createFile(path);
  await pipeline(content, chunks => checked(chunks, entry), file.createWriteStream());
  const permissions = modeOf(entry) & 0o777;
  if (permissions !== 0) await chmod(path, permissions | 0o600);
}

/** The library has refused `..`, absolute paths and backslashes. */
const namesOf = (fileName: string): string =>
  fileName
    .split('/')
    .filter(name => name !== '' && name !== '.')
    .join('/');

async function* checked(chunks: AsyncIterable<Buffer>, {crc32: wanted, fileName}: Entry): AsyncGenerator<Buffer> {
  let sum = 0;
  for await (const chunk of chunks) {
    sum = crc32(chunk, sum);
    yield chunk;
  }
  if (sum !== wanted) throw new Error(`${fileName} is damaged`);
}

const MAX_TARGET_BYTES = 4096;

async function linkEntry(zip: ZipFile, entry: Entry, directory: string): Promise<void> {
  if (entry.uncompressedSize > MAX_TARGET_BYTES) throw new Error(`the link ${entry.fileName} is too long`);
  const content = await zip.openReadStreamPromise(entry);
  const target = await text(content);
  const name = namesOf(entry.fileName);
  const problem = linkProblem(name, target);
  if (problem !== undefined) throw new Error(problem);
  const path = await sandboxFile(directory, name);
  await rm(path, {force: true});
  await symlink(target, path);
}
