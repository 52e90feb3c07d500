import type {MarathonError} from '../../../api/marathon/v2/errors.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {type AppId, resolvePath, toAppId} from '../core/ids.ts';

/** Words that end an id in URLs, so no id may end with them. */
const RESERVED = ['restart', 'tasks', 'versions', '.', '..'];
const SEGMENT = /^(([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])[.])*([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])$|^[.]{1,2}$/;

/** As much as the kind takes. */
const LONGEST_ID = 1024;

const segmentsOf = (path: string): string[] => path.split('/').filter(segment => segment !== '');

/** Every segment is of allowed characters; slashes may be doubled, first, last or missing. */
export const isPath = (path: string): boolean => segmentsOf(path).every(segment => SEGMENT.test(segment));

/** The id that a new app gets from a path in a URL or a body. */
export function newAppId(path: string): Result<AppId, MarathonError> {
  const invalid = (error: string): Result<AppId, MarathonError> =>
    err({kind: 'invalid-object', violations: [{path: '/id', errors: [error]}]});
  if (!isPath(path)) return invalid(`must fully match regular expression '${SEGMENT.source}'`);
  const id = resolvePath(path);
  if (id.length > LONGEST_ID) return invalid(`must have ${LONGEST_ID} characters at most`);
  const last = id.split('/').at(-1) ?? '';
  if (last === '') return invalid('Path must contain at least one path element');
  return RESERVED.includes(last)
    ? invalid(`must not end with any of the following reserved keywords: ${RESERVED.join(', ')}`)
    : ok(toAppId(id));
}
