import {crc32, deflateRawSync} from 'node:zlib';
import {Header} from 'tar';

/** `dir/a.txt` ("hello\n"), `dir/run.sh` (executable), `dir/link` to a.txt; packed by bzip2 and xz. */
export const TAR_BZ2 = Buffer.from(
  'QlpoOTFBWSZTWXT8NjYAAM/7hMvQAEBoAf+AAcx+bZ5AAACAiDAAtrYSqAAAAAAAaAlNQpmo09Ro0aeoNGmgAAqqaJ6g9QBpoBoAGhp+9Bguqr0Wp4UEkDMoszA0CzXTapyArnNzGMkKiBMThD14poInsnI7v1nddVwUX1mmQMzX39MM4MTjSDtSS4p9U9sEpwzEaDlU57hyaQYK4Ap1nV8nlegVg7W7QgL331vdhRrIDYDUFxUWEvkJF4tQKSKVq2G1hJj+LuSKcKEg6fhsbA==',
  'base64',
);
export const TAR_XZ = Buffer.from(
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4Cf/ALpdADIaSqciBJSzSsi80f5CS2UkaaOPuQNj7RfF+B6Q7c2JZB1k/1PiC99x/H0Aq3I6n7jODRmmFuns7G52fNaLfCCOE7I73YWoqz/wOmE1uTWOEhHzId+2zJuwY2KohZOSe2E/nejLFR1KiiJu5w/Yqh03ZudPbvbZW1kLfcRomFYRuqzsEas937XlmKzGbe0yYf6yPkAwDni58PcHdr+DCgDoQSculswwLyiKUEaAfcsJE1575oaxOGbw4AAAAGVFOQxtlRVRAAHWAYBQAADUmre7scRn+wIAAAAABFla',
  'base64',
);

/** `link`: where it leads; `name` with a final slash: a directory. */
export type Entry = {readonly name: string; readonly content?: string; readonly mode?: number; readonly link?: string};

export const TREE: readonly Entry[] = [
  {name: 'dir/', mode: 0o755},
  {name: 'dir/a.txt', content: 'hello\n'},
  {name: 'dir/run.sh', content: '#!/bin/sh\necho hi\n', mode: 0o755},
  {name: 'dir/link', link: 'a.txt'},
];

const BLOCK = 512;

/** A tar with whatever names one likes. */
export function tarOf(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(({name, content = '', mode = 0o644, link}) => {
    const body = Buffer.from(link === undefined ? content : '');
    const type = link !== undefined ? 'SymbolicLink' : name.endsWith('/') ? 'Directory' : 'File';
    const header = new Header({path: name, mode, size: body.length, type, mtime: new Date(0), linkpath: link ?? ''});
    const block = Buffer.alloc(BLOCK);
    header.encode(block, 0);
    return [block, body, Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

const S_IFREG = 0o100000;
const S_IFLNK = 0o120000;
const MADE_BY_UNIX = 3 << 8;

/** A zip with whatever names one likes. */
export function zipOf(entries: readonly Entry[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const {name, content = '', mode = 0o644, link} of entries) {
    const plain = Buffer.from(link ?? content);
    const body = deflateRawSync(plain);
    const path = Buffer.from(name);
    // version, flags, method, time, date, crc, packed, unpacked, lengths of name and extra field
    const common = Buffer.alloc(26);
    common.writeUInt16LE(10, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(crc32(plain), 10);
    common.writeUInt32LE(body.length, 14);
    common.writeUInt32LE(plain.length, 18);
    common.writeUInt16LE(path.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, path, body]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((link === undefined ? S_IFREG : S_IFLNK) | mode) * 0x10000, 6);
    rest.writeUInt32LE(offset, 10);
    const version = Buffer.alloc(2);
    version.writeUInt16LE(MADE_BY_UNIX);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02'), version, common, rest, path]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, directory, Buffer.from('PK\x05\x06'), end]);
}
