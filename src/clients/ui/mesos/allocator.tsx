import {useEffect, useState} from 'preact/hooks';
import {call, textOf} from '../shared/api.ts';
import {Problem} from '../shared/dialog.tsx';
import {Table} from '../shared/table.tsx';
import {Ago} from '../shared/time.tsx';
import type {State} from './model.ts';

/** A line of the journal: what the allocator was told, or that it ran. `t` in ms since the epoch. */
type Line = {readonly t: number; readonly in?: string; readonly n?: number; readonly [field: string]: unknown};

const SHOWN = 200;

/** What the allocator was told lately, newest first. */
export function Allocator({state}: {readonly state: State}) {
  const [lines, setLines] = useState<readonly Line[]>();
  const [error, setError] = useState<string>();
  const load = async (): Promise<void> => {
    try {
      const text = await call<string>('GET', 'allocator/journal');
      setLines(
        text
          .trimEnd()
          .split('\n')
          .slice(-SHOWN)
          .map(line => JSON.parse(line) as Line)
          .filter(line => line.in !== undefined)
          .reverse(),
      );
      setError(undefined);
    } catch (failure) {
      setError(textOf(failure));
    }
  };
  useEffect(() => void load(), []);
  return (
    <>
      <h1>Allocator</h1>
      <p class="quiet">
        Allocation runs over all agents every {state.flags['allocation_interval'] ?? '1secs'}, and at once for what was
        freed. The page of a framework says why it gets no offer.
      </p>
      <div class="tools">
        <h2>Journal: the last {SHOWN} inputs</h2>
        <button type="button" onClick={load}>
          Load again
        </button>
      </div>
      <Problem text={error} />
      <Table
        label="Journal"
        rows={(lines ?? []).map((line, index) => ({...line, index}))}
        idOf={({index}) => String(index)}
        empty={lines === undefined ? 'Loading…' : 'The journal is empty.'}
        columns={[
          {title: 'When', show: ({t}) => <Ago ms={t} />, by: ({t}) => t},
          {title: 'Input', show: line => String(line.in).replaceAll('-', ' '), by: line => String(line.in)},
          {title: 'Offers made', show: ({n}) => n ?? '–', by: ({n}) => n ?? -1, align: 'right'},
          {title: 'Details', show: line => <code>{detailsOf(line)}</code>, wideOnly: true},
        ]}
      />
    </>
  );
}

function detailsOf(line: Line & {readonly index: number}): string {
  const rest = Object.entries(line).filter(([name]) => !['t', 'in', 'n', 'index', 'digest'].includes(name));
  return rest.length === 0 ? '' : JSON.stringify(Object.fromEntries(rest)).slice(0, 160);
}
