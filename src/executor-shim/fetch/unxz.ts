import {Readable} from 'node:stream';
import xz from 'xz-decompress';

/** What was packed with xz. */
export function unxz(packed: Readable): Readable {
  return Readable.fromWeb(new xz.XzReadableStream(Readable.toWeb(packed)));
}
