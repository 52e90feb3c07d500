import {useEffect, useState} from 'preact/hooks';
import {href, type Place, placeOf} from './place.ts';

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
