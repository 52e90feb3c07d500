import {useEffect, useReducer} from 'preact/hooks';
import {call, textOf} from './api.ts';

/** What is known of one path of the API. */
export type Live<T> = {
  readonly data: T | undefined;
  /** Of the latest try; what was there before stays. */
  readonly error: string | undefined;
  readonly refresh: () => Promise<void>;
};

/** Without events from the server a page asks again after so long. */
const POLL_MS = 5000;
/** Events come faster than people read: a path is asked at most so often for them. */
const LEAST_MS = 700;

type Entry = {
  data: unknown;
  error: string | undefined;
  json: string;
  askedAtMs: number;
  asking: Promise<void> | undefined;
  timer: ReturnType<typeof setTimeout> | undefined;
  readonly watchers: Set<() => void>;
};

const entries = new Map<string, Entry>();

const entryOf = (path: string): Entry => {
  const known = entries.get(path);
  if (known !== undefined) return known;
  const entry: Entry = {
    data: undefined,
    error: undefined,
    json: '',
    askedAtMs: 0,
    asking: undefined,
    timer: undefined,
    watchers: new Set(),
  };
  entries.set(path, entry);
  return entry;
};

/** One request at a time for a path; one that comes meanwhile shares its answer. */
function ask(path: string, entry: Entry): Promise<void> {
  entry.asking ??= fetchInto(path, entry).finally(() => {
    entry.asking = undefined;
    if (entry.watchers.size > 0) later(path, entry, POLL_MS);
  });
  return entry.asking;
}

async function fetchInto(path: string, entry: Entry): Promise<void> {
  entry.askedAtMs = Date.now();
  const before = {json: entry.json, error: entry.error};
  try {
    const data = await call<unknown>('GET', path);
    entry.json = JSON.stringify(data);
    // What did not change stays the same value: nothing is drawn again for it.
    if (entry.json !== before.json) entry.data = data;
    entry.error = undefined;
  } catch (error) {
    entry.error = textOf(error);
  }
  if (entry.json !== before.json || entry.error !== before.error) for (const watcher of entry.watchers) watcher();
}

function later(path: string, entry: Entry, delayMs: number): void {
  clearTimeout(entry.timer);
  entry.timer = setTimeout(() => {
    if (document.hidden) later(path, entry, POLL_MS);
    else void ask(path, entry);
  }, delayMs);
}

/** Something that the paths show has changed: those that are on the page are asked again, soon and not too often. */
export function touch(concerns: (path: string) => boolean = () => true): void {
  for (const [path, entry] of entries)
    if (entry.watchers.size > 0 && concerns(path))
      later(path, entry, Math.max(0, entry.askedAtMs + LEAST_MS - Date.now()));
}

/** The answer of a path, kept up to date while the component is on the page. @param path undefined: nothing to ask */
export function useLive<T>(path: string | undefined): Live<T> {
  const [, draw] = useReducer<number, void>(count => count + 1, 0);
  useEffect(() => {
    if (path === undefined) return undefined;
    const entry = entryOf(path);
    const watcher = (): void => draw();
    entry.watchers.add(watcher);
    void ask(path, entry);
    return () => {
      entry.watchers.delete(watcher);
      if (entry.watchers.size === 0) clearTimeout(entry.timer);
    };
  }, [path]);
  const entry = path === undefined ? undefined : entryOf(path);
  return {
    data: entry?.data as T | undefined,
    error: entry?.error,
    refresh: async () => (path === undefined || entry === undefined ? undefined : ask(path, entry)),
  };
}
