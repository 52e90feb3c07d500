import {useEffect, useState} from 'preact/hooks';

/** Where the person is: `#/apps/%2Fweb/debug?sort=name`. */
export type Place = {readonly segments: readonly string[]; readonly query: URLSearchParams};

export function placeOf(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const segments = path.split('/').filter(segment => segment !== '');
  return {segments: segments.map(decoded), query: new URLSearchParams(query)};
}

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

/** @returns the `href` of a place; ids with slashes are one segment */
export function href(segments: readonly string[], query: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString();
  return `#/${segments.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`;
}

export function usePlace(): Place {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const moved = (): void => setHash(location.hash);
    addEventListener('hashchange', moved);
    return () => removeEventListener('hashchange', moved);
  }, []);
  return placeOf(hash);
}

export const go = (target: string): void => void (location.hash = target);

/** Changes the query of the place, without a step in the browser's history. */
export function setQuery({segments, query}: Place, changes: Readonly<Record<string, string>>): void {
  const target = href(segments, {...Object.fromEntries(query), ...changes});
  history.replaceState(undefined, '', target);
  dispatchEvent(new HashChangeEvent('hashchange'));
}
