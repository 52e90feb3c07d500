import {useEffect, useReducer} from 'preact/hooks';
import {ask, textOf} from './api.ts';

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
/** Of a large cluster some answers take long: then it is asked the more seldom, by so many times that. */
const PAUSE = 10;

type Entry = {
  data: unknown;
  error: string | undefined;
  text: string;
  askedAtMs: number;
  tookMs: number;
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
    text: '',
    askedAtMs: 0,
    tookMs: 0,
    asking: undefined,
    timer: undefined,
    watchers: new Set(),
  };
  entries.set(path, entry);
  return entry;
};

/** One request at a time for a path; one that comes meanwhile shares its answer. */
function renew(path: string, entry: Entry): Promise<void> {
  entry.asking ??= fetchInto(path, entry).finally(() => {
    entry.asking = undefined;
    if (entry.watchers.size > 0) later(path, entry, Math.max(POLL_MS, entry.tookMs * PAUSE));
  });
  return entry.asking;
}

async function fetchInto(path: string, entry: Entry): Promise<void> {
  entry.askedAtMs = Date.now();
  const before = {text: entry.text, error: entry.error};
  try {
    const {text, value} = await ask('GET', path);
    // What did not change stays the same value: nothing is drawn again for it.
    if (text !== before.text) entry.data = value;
    entry.text = text;
    entry.error = undefined;
  } catch (error) {
    entry.error = textOf(error);
  }
  entry.tookMs = Date.now() - entry.askedAtMs;
  if (entry.text !== before.text || entry.error !== before.error) for (const watcher of entry.watchers) watcher();
}

function later(path: string, entry: Entry, delayMs: number): void {
  clearTimeout(entry.timer);
  entry.timer = setTimeout(() => {
    if (document.hidden) later(path, entry, POLL_MS);
    else void renew(path, entry);
  }, delayMs);
}

/** Something that the paths show has changed: those that are on the page are asked again, soon and not too often. */
export function touch(concerns: (path: string) => boolean = () => true): void {
  for (const [path, entry] of entries)
    if (entry.watchers.size > 0 && concerns(path))
      later(path, entry, Math.max(0, entry.askedAtMs + Math.max(LEAST_MS, entry.tookMs * PAUSE) - Date.now()));
}

/** The answer of a path, kept up to date while the component is on the page. @param path undefined: nothing to ask */
export function useLive<T>(path: string | undefined): Live<T> {
  const [, draw] = useReducer<number, void>(count => count + 1, 0);
  useEffect(() => {
    if (path === undefined) return undefined;
    const entry = entryOf(path);
    const watcher = (): void => draw();
    entry.watchers.add(watcher);
    void renew(path, entry);
    return () => {
      entry.watchers.delete(watcher);
      if (entry.watchers.size === 0) clearTimeout(entry.timer);
    };
  }, [path]);
  const entry = path === undefined ? undefined : entryOf(path);
  return {
    data: entry?.data as T | undefined,
    error: entry?.error,
    refresh: async () => (path === undefined || entry === undefined ? undefined : renew(path, entry)),
  };
}
