import type {Kind, PrinterColumn} from '../kinds.ts';
import type {JsonObject, JsonValue} from '../schema/json.ts';
import {AGE, BUILTIN_COLUMNS, NAME} from './builtin-columns.ts';
import {type Column, type ColumnDefinition, column} from './columns.ts';
import {ageOf} from './duration.ts';
import {compileJsonPath} from './json-path.ts';

/** A `meta.k8s.io/v1` Table. */
export type Table = {
  readonly kind: 'Table';
  readonly apiVersion: 'meta.k8s.io/v1';
  readonly metadata: JsonObject;
  /** Null in a watch after the first event. */
  readonly columnDefinitions: ColumnDefinition[] | null;
  readonly rows: TableRow[];
};
export type TableRow = {readonly cells: JsonValue[]; readonly object: JsonObject | null};

/** The query parameter `includeObject`: how much of each object travels with its row. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** The kind as far as tables care. */
export type TableKind = Pick<Kind, 'group' | 'kind' | 'columns'>;

/**
 * What a list, or one object, looks like to people. Wide columns are always there; the client hides them.
 *
 * @param metadata the list's (resourceVersion, continue…), or the object's resourceVersion
 */
export function toTable(
  kind: TableKind,
  objects: readonly JsonObject[],
  options: {
    readonly nowMs: number;
    readonly includeObject?: IncludeObject;
    readonly metadata?: JsonObject;
    readonly withoutDefinitions?: boolean;
  },
): Table {
  const columns = columnsOf(kind);
  const {nowMs, includeObject = 'Metadata', metadata = {}} = options;
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions:
      options.withoutDefinitions === true ? null : columns.map(({cell: _, ...definition}) => definition),
    rows: objects.map(object => ({
      cells: columns.map(({cell}) => cell(object, nowMs)),
      object: included(object, includeObject),
    })),
  };
}

function included(object: JsonObject, include: IncludeObject): JsonObject | null {
  if (include === 'None') return null;
  if (include === 'Object') return object;
  return {kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object['metadata'] ?? {}};
}

const compiled = new WeakMap<readonly PrinterColumn[], readonly Column[]>();

function columnsOf(kind: TableKind): readonly Column[] {
  const {columns} = kind;
  if (columns === undefined || columns.length === 0)
    return BUILTIN_COLUMNS[`${kind.group}/${kind.kind}`] ?? [NAME, AGE];
  const known = compiled.get(columns);
  if (known !== undefined) return known;
  const made = [NAME, ...columns.map(printerColumn)];
  compiled.set(columns, made);
  return made;
}

function printerColumn(printer: PrinterColumn): Column {
  const {name, type, format = '', description = '', priority = 0} = printer;
  const path = compileJsonPath(printer.jsonPath);
  const cell: Column['cell'] = (object, nowMs) => {
    const [found] = path.ok ? path.value(object) : [];
    return found === undefined || found === null ? null : printed(type, found, nowMs);
  };
  return column(name, cell, {type, format, description, priority});
}

/** A value that is not of the column's type shows nothing, as on a real server. */
function printed(type: string, value: JsonValue, nowMs: number): JsonValue {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : JSON.stringify(value);
    case 'date':
      return typeof value === 'string' ? ageOf(value, nowMs) : null;
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    default:
      return null;
  }
}
