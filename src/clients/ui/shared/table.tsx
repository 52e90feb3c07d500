import type {ComponentChildren} from 'preact';
import {useMemo, useRef, useState} from 'preact/hooks';

export type Column<Row> = {
  readonly title: string;
  readonly show: (row: Row) => ComponentChildren;
  /** What rows are sorted by; a column without it can't be. */
  readonly by?: (row: Row) => string | number;
  readonly align?: 'right';
  /** Left out where there is little room. */
  readonly wideOnly?: boolean;
};

type Props<Row> = {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly idOf: (row: Row) => string;
  /** Shown in the place of no rows. */
  readonly empty: ComponentChildren;
  /** Title of the column that sorts at first; with a minus, downwards. */
  readonly sort?: string;
  /** Rows with a lower rank stay above, whichever column sorts. */
  readonly rank?: (row: Row) => number;
};

const ROW_PX = 37;
const SHOWN = 60;

/** A table of any length: only the rows in sight are in the page. */
export function Table<Row>({label, rows, columns, idOf, empty, sort = '', rank}: Props<Row>) {
  const [order, setOrder] = useState({title: sort.replace(/^-/, ''), down: sort.startsWith('-')});
  const [first, setFirst] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const sorted = useMemo(() => sortRows(rows, columns, order, rank), [rows, columns, order, rank]);
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  const many = sorted.length > SHOWN;
  const from = many ? Math.max(0, Math.min(first - 10, sorted.length - SHOWN)) : 0;
  const shown = many ? sorted.slice(from, from + SHOWN) : sorted;
  const scrolled = (): void => setFirst(Math.floor((box.current?.scrollTop ?? 0) / ROW_PX));
  const turn = (title: string): void =>
    setOrder(({title: old, down}) => ({title, down: old === title ? !down : false}));
  return (
    <div
      class={many ? 'table tall' : 'table'}
      ref={box}
      onScroll={many ? scrolled : undefined}
      role="region"
      aria-label={label}
      tabIndex={0}
    >
      <table aria-rowcount={sorted.length + 1}>
        <thead>
          <tr>
            {columns.map(column => (
              <Heading key={column.title} column={column} order={order} turn={turn} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap rows={from} columns={columns.length} />
          {shown.map(row => (
            <tr key={idOf(row)}>
              {columns.map(column => (
                <td key={column.title} class={classOf(column)}>
                  {column.show(row)}
                </td>
              ))}
            </tr>
          ))}
          <Gap rows={sorted.length - from - shown.length} columns={columns.length} />
        </tbody>
      </table>
    </div>
  );
}

type Order = {readonly title: string; readonly down: boolean};

function Heading<Row>({
  column,
  order,
  turn,
}: {
  readonly column: Column<Row>;
  readonly order: Order;
  readonly turn: (title: string) => void;
}) {
  const {title, by} = column;
  if (by === undefined)
    return (
      <th scope="col" class={classOf(column)}>
        {title === '' ? <span class="unseen">Actions</span> : title}
      </th>
    );
  const sorting = order.title === title;
  return (
    <th scope="col" class={classOf(column)} aria-sort={sorting ? (order.down ? 'descending' : 'ascending') : 'none'}>
      <button type="button" class="sort" onClick={() => turn(title)}>
        {title}
        <span aria-hidden="true">{sorting ? (order.down ? ' ▾' : ' ▴') : ''}</span>
      </button>
    </th>
  );
}

/** Stands for rows that are out of sight. */
function Gap({rows, columns}: {readonly rows: number; readonly columns: number}) {
  if (rows <= 0) return null;
  return (
    <tr aria-hidden="true">
      <td colSpan={columns} style={{height: `${rows * ROW_PX}px`, padding: 0}} />
    </tr>
  );
}

const classOf = <Row,>({align, wideOnly}: Column<Row>): string =>
  [align === 'right' ? 'right' : '', wideOnly === true ? 'wide' : ''].join(' ').trim();

function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  {title, down}: Order,
  rank: (row: Row) => number = () => 0,
): readonly Row[] {
  const by = columns.find(column => column.title === title)?.by;
  if (by === undefined) return [...rows].sort((a, b) => rank(a) - rank(b));
  const sign = down ? -1 : 1;
  return rows
    .map(row => ({row, key: by(row), rank: rank(row)}))
    .sort((a, b) => a.rank - b.rank || sign * compare(a.key, b.key))
    .map(({row}) => row);
}

const compare = (a: string | number, b: string | number): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', {numeric: true});
