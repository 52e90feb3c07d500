import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync, type StatementSync} from 'node:sqlite';
import {limitOf} from '../../lib/limits.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import {type ApiObject, decodeObject, keyOf} from './object.ts';
import {isObject} from './schema/json.ts';

export type Change = {
  /** Grows by one with every write; the object's resourceVersion. */
  readonly revision: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly storage: string;
  /** For DELETED: the last state, with the deletion's resourceVersion. */
  readonly object: ApiObject;
  readonly previous: ApiObject | undefined;
};

export type StoreOptions = {
  /** Without one the objects live as long as the store. */
  readonly directory?: string;
  /** How many changes stay available to watches that resume; older ones answer 410. */
  readonly history?: number;
  /** How many characters of JSON these changes may have together. */
  readonly historyChars?: number;
};

type Shelf = {readonly objects: Map<string, ApiObject>; sorted: readonly string[] | undefined};

const DEFAULT_HISTORY = 5000;
/** Pages that go back to the file system each time the log is shortened: so many that the file shrinks, so few that nobody waits. */
const VACUUMED_PAGES = 2000;
const SCHEMA = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA journal_mode = WAL;
  PRAGMA journal_size_limit = 4194304;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS revision (
    revision INTEGER PRIMARY KEY, storage TEXT NOT NULL, key TEXT NOT NULL, type TEXT NOT NULL,
    previous INTEGER, object TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
`;

/** The JSON text of each object, made at most once: the same text goes to disk, to readers and to watches. */
const texts = new WeakMap<ApiObject, string>();

export function textOf(object: ApiObject): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const text = JSON.stringify(object);
  texts.set(object, text);
  return text;
}

/** `a/b` sorts before `a-b`'s objects would suggest: plain code unit order over the whole key, as in etcd. */
const byKey = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Objects with one revision counter and a log of changes, in memory and in SQLite. A write has reached the operating
 * system before it is visible, so it survives the death of this process (not a power cut). Objects handed out are
 * shared and must not be changed.
 */
export class Store {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #remove: StatementSync;
  readonly #shelves = new Map<string, Shelf>();
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #history: number;
  readonly #historyChars: number;
  #log: Change[] = [];
  /** Of the objects in the log, without what they replaced. */
  #logChars = 0;
  #revision = 0;
  #compacted = 0;

  private constructor(db: DatabaseSync, {history = DEFAULT_HISTORY, historyChars}: StoreOptions) {
    this.#db = db;
    this.#history = history;
    this.#historyChars = historyChars ?? limitOf('historyBytes');
    this.#insert = db.prepare(
      'INSERT INTO revision (revision, storage, key, type, previous, object) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#remove = db.prepare('DELETE FROM revision WHERE revision = ?');
  }

  /** Opens or makes the database. Errors: the directory cannot be written, another server has it open, it is damaged. */
  static open(options: StoreOptions): Result<Store, string> {
    const {directory} = options;
    let db: DatabaseSync | undefined;
    try {
      if (directory !== undefined) mkdirSync(directory, {recursive: true, mode: 0o700});
      db = new DatabaseSync(directory === undefined ? ':memory:' : join(directory, 'objects.sqlite'), {timeout: 0});
      db.exec(SCHEMA);
      // Takes the lock now rather than at the first write; the kernel frees it when this process dies.
      db.exec('BEGIN EXCLUSIVE; COMMIT');
      const store = new Store(db, options);
      store.#load();
      store.#makeShrinkable();
      return ok(store);
    } catch (error) {
      db?.close();
      return err(explainOpen(directory ?? 'memory', error));
    }
  }

  revision(): number {
    return this.#revision;
  }

  /** Changes up to this revision are no longer in the log. */
  compacted(): number {
    return this.#compacted;
  }

  get(storage: string, namespace: string | undefined, name: string): ApiObject | undefined {
    return this.#shelves.get(storage)?.objects.get(keyOf(namespace, name));
  }

  /** In key order; of one namespace, or all. */
  list(storage: string, namespace?: string): readonly ApiObject[] {
    const shelf = this.#shelves.get(storage);
    if (shelf === undefined) return [];
    shelf.sorted ??= [...shelf.objects.keys()].sort(byKey);
    const prefix = namespace === undefined ? '' : `${namespace}/`;
    const found: ApiObject[] = [];
    for (let at = lowerBound(shelf.sorted, prefix); at < shelf.sorted.length; at++) {
      const key = shelf.sorted[at] ?? '';
      if (!key.startsWith(prefix)) break;
      const object = shelf.objects.get(key);
      if (object !== undefined) found.push(object);
    }
    return found;
  }

  /** As `list`, as it was at an earlier revision; undefined when that is no longer known. */
  listAt(storage: string, namespace: string | undefined, revision: number): readonly ApiObject[] | undefined {
    if (revision === this.#revision) return this.list(storage, namespace);
    const later = this.changesSince(storage, revision);
    if (later === undefined) return undefined;
    const objects = new Map(this.list(storage, namespace).map(object => [keyOfObject(object), object]));
    for (const {object, previous} of later.toReversed()) {
      if (namespace !== undefined && object.metadata.namespace !== namespace) continue;
      if (previous === undefined) objects.delete(keyOfObject(object));
      else objects.set(keyOfObject(object), previous);
    }
    return [...objects.keys()].sort(byKey).flatMap(key => objects.get(key) ?? []);
  }

  /** Changes after `revision`, oldest first; undefined when some of them are no longer known. */
  changesSince(storage: string, revision: number): readonly Change[] | undefined {
    if (revision < this.#compacted) return undefined;
    // Revisions in the log have no gaps, so the place is known.
    return this.#log.slice(revision - this.#compacted).filter(change => change.storage === storage);
  }

  /** Stores the object (which becomes the store's) under a new resourceVersion, which is set on it. */
  put(storage: string, object: ApiObject): ApiObject {
    const previous = this.get(storage, object.metadata.namespace, object.metadata.name);
    object.metadata.resourceVersion = String(this.#revision + 1);
    this.#commit({
      revision: this.#revision + 1,
      type: previous === undefined ? 'ADDED' : 'MODIFIED',
      storage,
      object,
      previous,
    });
    return object;
  }

  /** Removes what is stored there. `last` is the state that watchers see, its resourceVersion is set here. */
  remove(storage: string, last: ApiObject): ApiObject {
    const previous = this.get(storage, last.metadata.namespace, last.metadata.name);
    if (previous === undefined) throw new Error(`not stored: ${storage} ${keyOfObject(last)}`);
    const object = {
      ...last,
      metadata: {...last.metadata, resourceVersion: String(this.#revision + 1)},
    };
    this.#commit({revision: this.#revision + 1, type: 'DELETED', storage, object, previous});
    return object;
  }

  /** Calls back after each change, in order, before the write's answer. @returns how to stop it */
  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets the log up to now: whoever resumes from before has to list again. */
  compact(): void {
    this.#dropLog(this.#log.length);
  }

  close(): void {
    this.#listeners.clear();
    this.#db.close();
  }

  #commit(change: Change): void {
    const {revision, storage, object, previous, type} = change;
    const before = previous === undefined ? null : Number(previous.metadata.resourceVersion);
    this.#insert.run(revision, storage, keyOfObject(object), type, before, textOf(object));
    this.#apply(change);
    for (const listener of this.#listeners) listener(change);
    this.#trimLog();
  }

  /** A quarter more than is kept is dropped at a time: each time costs a transaction. */
  #trimLog(): void {
    const [most, mostChars] = [this.#history, this.#historyChars];
    if (this.#log.length <= most * 1.25 && this.#logChars <= mostChars * 1.25) return;
    let [kept, chars] = [0, 0];
    while (kept < most && kept < this.#log.length) {
      chars += charsOf(this.#log[this.#log.length - 1 - kept]);
      if (chars > mostChars) break;
      kept++;
    }
    this.#dropLog(this.#log.length - kept);
  }

  #apply(change: Change): void {
    const {storage, object, revision, type} = change;
    const shelf: Shelf = this.#shelves.get(storage) ?? {objects: new Map(), sorted: undefined};
    this.#shelves.set(storage, shelf);
    if (type === 'DELETED') shelf.objects.delete(keyOfObject(object));
    else shelf.objects.set(keyOfObject(object), object);
    if (type !== 'MODIFIED') shelf.sorted = undefined;
    this.#revision = revision;
    this.#log.push(change);
    this.#logChars += charsOf(change);
  }

  /** A row is needed as long as it is somebody's current state or the `previous` of a change in the log. */
  #dropLog(count: number): void {
    const dropped = this.#log.slice(0, count);
    const last = dropped.at(-1);
    if (last === undefined) return;
    this.#db.exec('BEGIN');
    try {
      this.#deleteRows(dropped);
      this.#db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run('compacted', last.revision);
      this.#db.exec('COMMIT');
    } catch {
      // The write that led here is done; forgetting can wait for the next one.
      this.#db.exec('ROLLBACK');
      return;
    }
    this.#log = this.#log.slice(count);
    for (const change of dropped) this.#logChars -= charsOf(change);
    this.#compacted = last.revision;
    this.#shrink();
  }

  #shrink(): void {
    try {
      this.#db.exec(`PRAGMA incremental_vacuum(${VACUUMED_PAGES})`);
    } catch {
      // No room to work in: the next time will do.
    }
  }

  /** A database of an earlier version keeps its size for ever unless it is written anew once. */
  #makeShrinkable(): void {
    const INCREMENTAL = 2;
    if (this.#db.prepare('PRAGMA auto_vacuum').get()?.['auto_vacuum'] === INCREMENTAL) return;
    try {
      this.#db.exec('PRAGMA auto_vacuum = INCREMENTAL; VACUUM');
    } catch {
      // It works as it is.
    }
  }

  #deleteRows(dropped: readonly Change[]): void {
    for (const {type, revision, previous} of dropped) {
      if (previous !== undefined) this.#remove.run(Number(previous.metadata.resourceVersion));
      if (type === 'DELETED') this.#remove.run(revision);
    }
  }

  #load(): void {
    const compacted = this.#db.prepare("SELECT value FROM meta WHERE name = 'compacted'").get()?.['value'];
    this.#compacted = this.#revision = typeof compacted === 'number' ? compacted : 0;
    const byRevision = new Map<number, ApiObject>();
    for (const row of this.#db.prepare('SELECT * FROM revision ORDER BY revision').iterate()) {
      const change = decodeRow(row, byRevision);
      byRevision.set(change.revision, change.object);
      if (change.revision > this.#compacted) this.#apply(change);
      else this.#shelve(change);
    }
  }

  #shelve({storage, object}: Change): void {
    const shelf: Shelf = this.#shelves.get(storage) ?? {objects: new Map(), sorted: undefined};
    this.#shelves.set(storage, shelf);
    shelf.objects.set(keyOfObject(object), object);
  }
}

const keyOfObject = (object: ApiObject): string => keyOf(object.metadata.namespace, object.metadata.name);

const charsOf = (change: Change | undefined): number => (change === undefined ? 0 : textOf(change.object).length);

function decodeRow(row: Record<string, unknown>, byRevision: ReadonlyMap<number, ApiObject>): Change {
  const {revision, storage, type, previous, object: text} = row;
  const json: unknown = JSON.parse(String(text));
  const object = isObject(json) ? decodeObject(json) : undefined;
  if (object?.ok !== true) throw new Error(`row ${String(revision)} holds no object`);
  texts.set(object.value, String(text));
  return {
    revision: Number(revision),
    storage: String(storage),
    type: type === 'ADDED' || type === 'DELETED' ? type : 'MODIFIED',
    object: object.value,
    previous: previous === null ? undefined : byRevision.get(Number(previous)),
  };
}

function lowerBound(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function explainOpen(directory: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/locked|busy/i.test(message)) return `${directory} is in use by another running server`;
  return `cannot keep objects in ${directory}: ${message}`;
}
