import {componentName, undecorated} from '../schema/builtin.ts';
import type {JsonObject, JsonValue} from '../schema/json.ts';
import type {Schema} from '../schema/schema.ts';

/** The `components.schemas` of one document, filled as schemas are referred to. */
export class Components {
  readonly schemas: JsonObject = {};

  /** A reference to a named schema, which is added if it is not there yet. */
  refer(name: string, schema: () => JsonValue): JsonObject {
    if (!Object.hasOwn(this.schemas, name)) {
      // Before the content is made: types may refer to themselves.
      this.schemas[name] = {};
      this.schemas[name] = schema();
    }
    return {$ref: `#/components/schemas/${name}`};
  }

  /** A schema as it stands in a document: named types by reference, anonymous ones in place. */
  place(schema: Schema): JsonObject {
    const name = componentName(schema);
    if (name === undefined) return this.inline(schema);
    const base = undecorated(schema);
    const reference = this.refer(name, () => this.inline(base));
    if (base === schema) return reference;
    // Beside a $ref nothing counts, so what a property adds wraps it.
    const {description, default: value} = schema;
    return {
      allOf: [reference],
      ...(description === undefined ? {} : {description}),
      ...(value === undefined ? {} : {default: value}),
    };
  }

  /** The content of a schema, its children placed. */
  inline(schema: Schema): JsonObject {
    const {
      properties,
      additionalProperties,
      items,
      'x-null-is-absent': nullIsAbsent,
      nullable,
      allOf,
      anyOf,
      oneOf,
      not,
      ...rest
    } = schema;
    const all = (schemas: readonly Schema[]): JsonObject[] => schemas.map(part => this.inline(part));
    return {
      ...plain(rest),
      ...(nullable === true && nullIsAbsent !== true ? {nullable} : {}),
      ...(properties === undefined ? {} : {properties: this.placeAll(properties)}),
      ...(additionalProperties === undefined ? {} : {additionalProperties: this.additional(additionalProperties)}),
      ...(items === undefined ? {} : {items: this.place(items)}),
      ...(allOf === undefined ? {} : {allOf: all(allOf)}),
      ...(anyOf === undefined ? {} : {anyOf: all(anyOf)}),
      ...(oneOf === undefined ? {} : {oneOf: all(oneOf)}),
      ...(not === undefined ? {} : {not: this.inline(not)}),
    };
  }

  private placeAll(properties: Readonly<Record<string, Schema>>): JsonObject {
    return Object.fromEntries(Object.entries(properties).map(([key, property]) => [key, this.place(property)]));
  }

  private additional(schema: boolean | Schema): JsonValue {
    return typeof schema === 'boolean' ? schema : this.place(schema);
  }
}

/** Drops undefined members, copies read-only lists. */
const plain = (rest: object): JsonObject => JSON.parse(JSON.stringify(rest));
