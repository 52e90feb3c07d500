import type {OperatorCallMessage, OperatorResponse} from '../../../api/mesos/v1/operator.ts';
import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import {limitOf} from '../../../lib/limits.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import type {FileError, VirtualFiles} from '../../web/virtual-files.ts';

type Answered<Type extends 'LIST_FILES' | 'READ_FILE', Name extends 'list_files' | 'read_file'> = Promise<
  Result<{readonly type: Type} & {readonly [Key in Name]: NonNullable<OperatorResponse[Name]>}, CallRefused>
>;

/** LIST_FILES */
export async function listFiles(files: VirtualFiles, path: string): Answered<'LIST_FILES', 'list_files'> {
  const listed = await files.list(path);
  if (!listed.ok) return refused(listed.error);
  const file_infos = listed.value.map(({mtimeMs, uid, gid, ...entry}) => ({
    ...entry,
    mtime: {nanoseconds: Math.floor(mtimeMs) * 1e6},
    uid: String(uid),
    gid: String(gid),
  }));
  return ok({type: 'LIST_FILES', list_files: {file_infos}});
}

/** READ_FILE; `size` is that of the whole file. */
export async function readFile(
  files: VirtualFiles,
  {path, offset, length}: NonNullable<OperatorCallMessage['read_file']>,
): Answered<'READ_FILE', 'read_file'> {
  const part = await files.read(path, {offset, most: limitOf('filePartBytes'), ...(length !== undefined && {length})});
  if (!part.ok) return refused(part.error);
  return ok({type: 'READ_FILE', read_file: {size: part.value.size, data: part.value.data.toString('base64')}});
}

const STATUS: Readonly<Record<FileError['kind'], CallRefused>> = {
  'wrong-path': {status: 400, message: "Expecting 'path' to be absolute"},
  'not-found': {status: 404, message: 'There is no such file'},
  directory: {status: 400, message: 'Cannot read a directory'},
};

const refused = ({kind}: FileError) => err(STATUS[kind]);
