import type {JsonValue} from './json.ts';

export type Gvk = {readonly group: string; readonly version: string; readonly kind: string};

export type ValidationRule = {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate';
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
};

/**
 * An OpenAPI v3 schema as Kubernetes uses it: CRDs carry it as `openAPIV3Schema`, built-in kinds get one from the
 * client's type maps. Built-in schemas refer to each other directly and may be cyclic; walk them along a value only.
 */
export type Schema = {
  readonly type?: string;
  readonly format?: string;
  readonly title?: string;
  readonly description?: string;
  readonly nullable?: boolean;
  readonly default?: JsonValue;
  readonly example?: JsonValue;
  readonly enum?: readonly JsonValue[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
  readonly 'x-kubernetes-patch-strategy'?: string;
  readonly 'x-kubernetes-patch-merge-key'?: string;
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
  readonly 'x-kubernetes-group-version-kind'?: readonly Gvk[];
  /** Ours, never shown: a null here means that the field is not set, as Go's decoders have it. */
  readonly 'x-null-is-absent'?: boolean;
};

/** One entry of `details.causes` in a Status with reason Invalid; `message` does not repeat the field. */
export type StatusCause = {readonly reason: CauseReason; readonly message: string; readonly field: string};

export type CauseReason =
  | 'FieldValueInvalid'
  | 'FieldValueTypeInvalid'
  | 'FieldValueRequired'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueNotFound'
  | 'FieldValueDuplicate'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany';

/** The `message` of the Status that refuses an object: `MarathonApp.mesos.dev "x" is invalid: spec.cpus: …`. */
export function invalidMessage(kind: Omit<Gvk, 'version'>, name: string, causes: readonly StatusCause[]): string {
  const texts = [...new Set(causes.map(cause => `${cause.field}: ${cause.message}`))];
  const errors = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const qualified = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  return `${qualified} ${JSON.stringify(name)} is invalid: ${errors}`;
}

/** The schema of `properties[key]`, else of additional properties; undefined for a key that the schema does not know. */
export function memberSchema(schema: Schema, key: string): Schema | undefined {
  const {properties, additionalProperties} = schema;
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key];
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

/** True when any JSON may stand below: nothing is pruned, and Kubernetes knows no type for it. */
export const preservesUnknown = (schema: Schema): boolean =>
  schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties === true;
