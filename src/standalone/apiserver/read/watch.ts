import {optionsInvalid} from '../write/decode-request.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import type {Cluster} from '../cluster.ts';
import {type ApiError, statusOf, tooOldResourceVersion} from '../errors.ts';
import {apiVersionOf} from '../kinds.ts';
import type {ApiObject} from '../object.ts';
import {checkNumbers} from './list-options.ts';
import {isTrue, parseCount, parseRevision, type Selection} from './query.ts';
import {type Seen, seenBy, type WatchHub} from './watch-hub.ts';

/** Where a watch writes to. */
export type WatchSink = {
  /** @returns false once the client takes its data too slowly: the watch ends, it may resume */
  readonly write: (line: string) => boolean;
  readonly end: () => void;
};

/** How one event becomes a line: plain JSON, a Table, metadata only. */
export type EventFormat = (seen: Seen | {readonly type: 'BOOKMARK'; readonly object: ApiObject}) => string;

type Start = {
  /** The current state first, as ADDED events. */
  readonly initial: boolean;
  /** Changes after this. */
  readonly after: number;
  /** After the initial events comes a bookmark that says so. */
  readonly announceEnd: boolean;
};

const BOOKMARK_INTERVAL_MS = 60_000;
/** A bookmark goes out this long before a watch ends, so that the next one starts from there. */
const BOOKMARK_BEFORE_END_MS = 2000;
const MIN_TIMEOUT_SECONDS = 1800;
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/** What a watch's query asks for; checked before the stream starts. */
export function parseStart(cluster: Cluster, query: URLSearchParams): Result<Start, ApiError> {
  const revision = parseRevision(query.get('resourceVersion'));
  if (!revision.ok) return err({code: 500, reason: '', message: revision.error});
  const numbers = checkNumbers(query, ['timeoutSeconds']);
  if (!numbers.ok) return numbers;
  const send = query.get('sendInitialEvents');
  const match = query.get('resourceVersionMatch') ?? '';
  if (send !== null && match !== 'NotOlderThan')
    return err(
      listOptionsInvalid(
        'resourceVersionMatch',
        'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
      ),
    );
  if ((query.get('continue') ?? '') !== '')
    return err(
      listOptionsInvalid(
        'resourceVersionMatch',
        'Forbidden: resourceVersionMatch is forbidden when continue is provided',
      ),
    );
  if (send === null && match !== '')
    return err(
      listOptionsInvalid(
        'resourceVersionMatch',
        'Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      ),
    );
  const current = cluster.store.revision();
  const asked = revision.value ?? 0;
  if (send !== null) {
    const initial = isTrue(send);
    const announceEnd = initial && isTrue(query.get('allowWatchBookmarks') ?? 'false');
    return ok({initial, after: initial ? current : asked === 0 ? current : asked, announceEnd});
  }
  return ok({initial: asked === 0, after: asked === 0 ? current : asked, announceEnd: false});
}

const listOptionsInvalid = (field: string, message: string): ApiError =>
  optionsInvalid('ListOptions', field, 'FieldValueForbidden', message);

export type WatchRequest = {
  readonly selection: Selection;
  readonly query: URLSearchParams;
  readonly start: Start;
  readonly format: EventFormat;
  readonly sink: WatchSink;
};

/** Streams until the timeout passes or the returned function is called. */
export function watch(cluster: Cluster, hub: WatchHub, request: WatchRequest): () => void {
  const {selection, query, start, sink} = request;
  const stream = new Stream(cluster, request);
  stream.onStop(
    hub.add(selection, (seen, change) => {
      if (change.revision > start.after) stream.send(seen);
    }),
  );
  const missed = replay(cluster, selection, start, seen => stream.send(seen));
  if (!missed.ok) {
    sink.write(`${JSON.stringify({type: 'ERROR', object: statusOf(missed.error)})}\n`);
    stream.stop();
    return () => {};
  }
  if (start.announceEnd) stream.bookmark({[INITIAL_EVENTS_END]: 'true'});
  const timeoutMs = timeoutOf(cluster, query);
  stream.after(timeoutMs, () => stream.stop());
  if (isTrue(query.get('allowWatchBookmarks') ?? 'false')) scheduleBookmarks(stream, timeoutMs);
  return () => stream.stop();
}

/** One client's stream with its timers: after `stop` nothing more comes. */
class Stream {
  readonly #cluster: Cluster;
  readonly #request: WatchRequest;
  readonly #cleanups: (() => void)[] = [];
  #stopped = false;

  constructor(cluster: Cluster, request: WatchRequest) {
    this.#cluster = cluster;
    this.#request = request;
  }

  onStop(cleanup: () => void): void {
    if (this.#stopped) cleanup();
    else this.#cleanups.push(cleanup);
  }

  send(event: Parameters<EventFormat>[0]): void {
    const {format, sink} = this.#request;
    if (!this.#stopped && !sink.write(format(event))) this.stop();
  }

  bookmark(annotations?: Record<string, string>): void {
    const revision = this.#cluster.store.revision();
    this.send({type: 'BOOKMARK', object: bookmarkObject(this.#request.selection, revision, annotations)});
  }

  after(delayMs: number, callback: () => void): void {
    const timer = this.#cluster.clock.after(delayMs, callback);
    this.onStop(() => timer.cancel());
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const cleanup of this.#cleanups) cleanup();
    this.#request.sink.end();
  }
}

/** The state or the changes that the client does not have yet. */
function replay(
  cluster: Cluster,
  selection: Selection,
  start: Start,
  send: (seen: Seen) => void,
): Result<void, ApiError> {
  const {store} = cluster;
  const {kind, namespace} = selection;
  if (start.initial) {
    for (const object of store.list(kind.storage, namespace)) {
      const seen = seenBy(selection, {revision: 0, type: 'ADDED', storage: kind.storage, object, previous: undefined});
      if (seen !== undefined) send(seen);
    }
    return ok(undefined);
  }
  if (start.after === store.revision()) return ok(undefined);
  // From another life of this cluster: revisions here only grow. Whoever knows it has to list again.
  if (start.after > store.revision()) return err(tooOldResourceVersion(start.after, store.revision()));
  const changes = store.changesSince(kind.storage, start.after);
  if (changes === undefined) return err(tooOldResourceVersion(start.after, store.compacted()));
  for (const change of changes) {
    const seen = seenBy(selection, change);
    if (seen !== undefined) send(seen);
  }
  return ok(undefined);
}

const timeoutOf = (cluster: Cluster, query: URLSearchParams): number => {
  const asked = parseCount(query.get('timeoutSeconds')) ?? 0;
  return (asked > 0 ? asked : MIN_TIMEOUT_SECONDS * (1 + cluster.random())) * 1000;
};

function scheduleBookmarks(stream: Stream, timeoutMs: number): void {
  const next = (): void =>
    stream.after(BOOKMARK_INTERVAL_MS, () => {
      stream.bookmark();
      next();
    });
  next();
  stream.after(Math.max(timeoutMs - BOOKMARK_BEFORE_END_MS, timeoutMs / 2), () => stream.bookmark());
}

function bookmarkObject({kind}: Selection, revision: number, annotations?: Record<string, string>): ApiObject {
  const metadata = {name: '', resourceVersion: String(revision), ...(annotations === undefined ? {} : {annotations})};
  return {kind: kind.kind, apiVersion: apiVersionOf(kind), metadata};
}
