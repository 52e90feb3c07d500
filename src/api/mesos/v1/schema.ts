import {Type} from 'typebox';
import type {Static, TSchema} from 'typebox';

/** How a scalar travels: its protobuf type. In memory 64-bit integers are numbers and `bytes` are base64 text, as in JSON. */
export type Scalar = 'double' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'bool' | 'string' | 'bytes' | 'enum';

/** How often a field may occur; `required` is protobuf 2's. */
export type Rule = 'required' | 'optional' | 'list' | 'map';

type ReadonlyDeep<T> = T extends (infer Item)[]
  ? readonly ReadonlyDeep<Item>[]
  : T extends object
    ? {readonly [Key in keyof T]: ReadonlyDeep<T[Key]>}
    : T;

/** The TypeScript type of a message: snake_case names as on the wire; what is not required may be absent, lists and maps too. */
export type Wire<S extends TSchema> = ReadonlyDeep<Static<S>>;

export const double = Type.Number({wire: 'double'});
export const int32 = Type.Integer({wire: 'int32'});
export const uint32 = Type.Integer({wire: 'uint32'});
export const int64 = Type.Integer({wire: 'int64'});
export const uint64 = Type.Integer({wire: 'uint64'});
export const bool = Type.Boolean({wire: 'bool'});
export const text = Type.String({wire: 'string'});
/** Base64. */
export const bytes = Type.String({wire: 'bytes'});

/** An enum as the union of its names; `numbers` are the protobuf values. */
export const enumeration = <const Numbers extends Readonly<Record<string, number>>>(numbers: Numbers) =>
  Type.Unsafe<keyof Numbers & string>({type: 'string', enum: Object.keys(numbers), wire: 'enum', numbers});

/** A protobuf message; its properties are made with `required`, `optional`, `list` and `map`. */
export const message = <const Fields extends Readonly<Record<string, TSchema>>>(fields: Fields) =>
  Type.Object(fields, {wire: 'message'});

/** A field that every message of this type carries. `number` is its protobuf number. */
export const required = <S extends TSchema>(number: number, schema: S) =>
  Type.With(schema, {number, rule: 'required', of: schema});

/** A field that may be absent. With a default, the encoder writes it even when unset, as the original does. */
export const optional = <S extends TSchema>(number: number, schema: S, fallback?: Static<S>) =>
  Type.Optional(Type.With(schema, {number, rule: 'optional', of: schema, fallback}));

/** A repeated field; empty and absent are the same. */
export const list = <S extends TSchema>(number: number, schema: S) =>
  Type.Optional(Type.Array(schema, {number, rule: 'list', of: schema}));

/** A repeated field that JSON shows when it is empty, too, as the original does in some answers. */
export const shownList = <S extends TSchema>(number: number, schema: S) =>
  Type.Optional(Type.Array(schema, {number, rule: 'list', of: schema, fallback: []}));

/** A map with text keys; empty and absent are the same. */
export const map = <S extends TSchema>(number: number, schema: S) =>
  Type.Optional(Type.Record(Type.String(), schema, {number, rule: 'map', of: schema}));
