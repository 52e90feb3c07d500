import {useEffect, useReducer} from 'preact/hooks';
import {ago, duration} from './format.ts';

/** Draws the component again each second, for times that are told from now. */
function useNow(): number {
  const [, draw] = useReducer<number, void>(count => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(() => draw(), 1000);
    return () => clearInterval(timer);
  }, []);
  return Date.now();
}

/** "3 min ago", with the exact time on hover. @param ms since the epoch; undefined: never */
export function Ago({ms}: {readonly ms: number | undefined}) {
  const nowMs = useNow();
  if (ms === undefined || !Number.isFinite(ms) || ms === 0) return <span class="quiet">–</span>;
  const exact = new Date(ms);
  return (
    <time dateTime={exact.toISOString()} title={exact.toLocaleString()}>
      {ago(ms, nowMs)}
    </time>
  );
}

export function Until({ms}: {readonly ms: number}) {
  const nowMs = useNow();
  return <span title={new Date(ms).toLocaleString()}>{duration((ms - nowMs) / 1000)}</span>;
}
