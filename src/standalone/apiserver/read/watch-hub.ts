import type {Kind} from '../kinds.ts';
import type {ApiObject} from '../object.ts';
import {type Change, type Store, textOf} from '../store.ts';
import {toView} from '../views.ts';
import type {Selection} from './query.ts';

/** A change as one watch sees it: an object that starts or stops to match its selector appears or goes. */
export type Seen = {readonly type: Change['type']; readonly object: ApiObject};

type Watcher = {readonly selection: Selection; readonly receive: (seen: Seen, change: Change) => void};

/** Hands every change of the store to the watches that it concerns. */
export class WatchHub {
  readonly #watchers = new Map<string, Set<Watcher>>();

  constructor(store: Store) {
    store.subscribe(change => {
      for (const watcher of this.#watchers.get(change.storage) ?? []) deliver(watcher, change);
    });
  }

  /** @returns how to stop it */
  add(selection: Selection, receive: Watcher['receive']): () => void {
    const {storage} = selection.kind;
    const watcher = {selection, receive};
    const watchers = this.#watchers.get(storage) ?? new Set();
    this.#watchers.set(storage, watchers.add(watcher));
    return () => watchers.delete(watcher);
  }
}

function deliver({selection, receive}: Watcher, change: Change): void {
  const seen = seenBy(selection, change);
  if (seen !== undefined) receive(seen, change);
}

/** Undefined: the change is none of this watch's business. */
export function seenBy({kind, namespace, matches, selective}: Selection, change: Change): Seen | undefined {
  if (namespace !== undefined && change.object.metadata.namespace !== namespace) return undefined;
  const object = viewOf(kind, change.object);
  if (!selective) return {type: change.type, object};
  const previous = change.previous === undefined ? undefined : viewOf(kind, change.previous);
  const before = previous !== undefined && matches(previous);
  const after = change.type !== 'DELETED' && matches(object);
  if (before && after) return {type: 'MODIFIED', object};
  if (after) return {type: 'ADDED', object};
  if (!before || previous === undefined) return undefined;
  if (change.type === 'DELETED') return {type: 'DELETED', object};
  // It lives on, but not for this watch: the last state that matched, at the revision of the change.
  const {resourceVersion = ''} = object.metadata;
  const last: ApiObject = {...previous, metadata: {...previous.metadata, resourceVersion}};
  return {type: 'DELETED', object: last};
}

/** Views are made once per object and apiVersion, so that their text is too. */
const views = new WeakMap<ApiObject, Map<Kind, ApiObject>>();

function viewOf(kind: Kind, object: ApiObject): ApiObject {
  const known = views.get(object)?.get(kind);
  if (known !== undefined) return known;
  const view = toView(kind, object);
  if (view === object) return object;
  const made = views.get(object) ?? new Map<Kind, ApiObject>();
  views.set(object, made.set(kind, view));
  return view;
}

/** The line of a plain JSON watch. */
export const eventLine = ({type, object}: Seen): string => `{"type":"${type}","object":${textOf(object)}}\n`;
