import {Buffer} from 'node:buffer';
import {err, ok, type Result} from '../../../lib/result.ts';
import {readJson} from '../../../lib/bounded-json.ts';
import type {Cluster} from '../cluster.ts';
import {type ApiError, badRequest, expired, tooLargeResourceVersion, tooOldResourceVersion} from '../errors.ts';
import {type ApiObject, keyOf} from '../object.ts';
import {inGoWords, isObject} from '../schema/json.ts';
import {toView} from '../views.ts';
import {checkListOptions} from './list-options.ts';
import {parseCount, parseRevision, type Selection} from './query.ts';

export type Page = {
  /** As the kind shows them, in key order. */
  readonly objects: readonly ApiObject[];
  readonly revision: number;
  readonly continue?: string;
  readonly remainingItemCount?: number;
};

/** `start`: the key after which the next page begins. */
type Token = {readonly revision: number; readonly start: string};

const TOO_OLD =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.';

/** One page of a list, consistent with the page before it. */
export function list(cluster: Cluster, selection: Selection, query: URLSearchParams): Result<Page, ApiError> {
  const options = checkListOptions(query);
  if (!options.ok) return options;
  const place = startOf(cluster, query);
  if (!place.ok) return place;
  const {revision, start} = place.value;
  const {kind, namespace} = selection;
  const stored = cluster.store.listAt(kind.storage, namespace, revision);
  if (stored === undefined) {
    const oldest = cluster.store.compacted();
    return err(start === '' ? tooOldResourceVersion(revision, oldest) : expired(TOO_OLD));
  }
  const rest = start === '' ? stored : stored.filter(({metadata}) => keyOf(metadata.namespace, metadata.name) > start);
  return ok(cut(selection, rest, revision, parseCount(query.get('limit')) ?? 0));
}

/** At which revision to read, and from where. */
function startOf(cluster: Cluster, query: URLSearchParams): Result<Token, ApiError> {
  const token = query.get('continue') ?? '';
  const asked = parseRevision(query.get('resourceVersion'));
  if (!asked.ok) return err(badRequest(`invalid resource version: ${asked.error}`));
  const current = cluster.store.revision();
  if (token !== '') {
    const decoded = decodeToken(token);
    if (!decoded.ok) return err(badRequest(`invalid continue token: continue key is not valid: ${decoded.error}`));
    return (asked.value ?? 0) > 0
      ? err(badRequest('specifying resource version is not allowed when using continue'))
      : decoded;
  }
  const match = query.get('resourceVersionMatch') ?? '';
  if (match === 'Exact' && (asked.value ?? 0) > 0) return ok({revision: asked.value ?? 0, start: ''});
  if ((asked.value ?? 0) > current) return err(tooLargeResourceVersion(asked.value ?? 0, current));
  return ok({revision: current, start: ''});
}

function cut(
  {kind, matches, selective}: Selection,
  stored: readonly ApiObject[],
  revision: number,
  limit: number,
): Page {
  const objects: ApiObject[] = [];
  for (const [index, object] of stored.entries()) {
    const view = toView(kind, object);
    if (!matches(view)) continue;
    if (limit > 0 && objects.length === limit) {
      const last = objects.at(-1)?.metadata;
      const start = keyOf(last?.namespace, last?.name ?? '');
      const remaining = selective ? {} : {remainingItemCount: stored.length - index};
      return {objects, revision, continue: encodeToken({revision, start}), ...remaining};
    }
    objects.push(view);
  }
  return {objects, revision};
}

const encodeToken = ({revision, start}: Token): string =>
  Buffer.from(JSON.stringify({v: 'meta.k8s.io/v1', rv: revision, start})).toString('base64url');

const MALFORMED = 'encoded continue token is malformed';

function decodeToken(text: string): Result<Token, string> {
  const bytes = Buffer.from(text, 'base64url');
  const token = readJson(bytes);
  if (!token.ok)
    return err(token.error.kind === 'not-json' ? inGoWords(String(bytes), token.error.message) : MALFORMED);
  const {rv, start} = isObject(token.value) ? token.value : {};
  return typeof rv === 'number' && typeof start === 'string' ? ok({revision: rv, start}) : err(MALFORMED);
}
