import type {JsonObject, JsonValue} from '../schema/json.ts';

export type ColumnDefinition = {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** Above 0: shown by `-o wide` only. */
  readonly priority: number;
};

/** A column and what it shows of an object. */
export type Column = ColumnDefinition & {readonly cell: (object: JsonObject, nowMs: number) => JsonValue};

export const column = (
  name: string,
  cell: Column['cell'],
  {type = 'string', format = '', priority = 0, description = ''}: Partial<ColumnDefinition> = {},
): Column => ({name, type, format, description, priority, cell});
