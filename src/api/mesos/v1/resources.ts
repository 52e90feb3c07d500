import {
  bool,
  bytes,
  double,
  enumeration,
  int64,
  list,
  map,
  message,
  optional,
  required,
  text,
  uint64,
} from './schema.ts';
import type {Wire} from './schema.ts';

// Values, resources and attributes. Scalars are fixed point with 3 decimals; `mem` and `disk` are in MB.

/** The wrapper around every id of the wire: `{value: string}`. */
export const idSchema = message({value: required(1, text)});
export type Id = Wire<typeof idSchema>;

export const scalarSchema = message({value: required(1, double)});
export const rangeSchema = message({begin: required(1, uint64), end: required(2, uint64)});
export const rangesSchema = message({range: list(1, rangeSchema)});
export const setSchema = message({item: list(1, text)});
export const textValueSchema = message({value: required(1, text)});
export const valueTypeSchema = enumeration({SCALAR: 0, RANGES: 1, SET: 2, TEXT: 3});
/** Both ends included. */
export type Range = Wire<typeof rangeSchema>;

export const labelSchema = message({key: required(1, text), value: optional(2, text)});
export const labelsSchema = message({labels: list(1, labelSchema)});
export type Labels = Wire<typeof labelsSchema>;

export const parameterSchema = message({key: required(1, text), value: required(2, text)});
export const parametersSchema = message({parameter: list(1, parameterSchema)});

/** Nanoseconds since the epoch, or of a span; negative ones travel, and are refused where they mean nothing. Beyond 2^53 the last digits are lost; nobody schedules by them. */
export const durationSchema = message({nanoseconds: required(1, int64)});
export const timeSchema = message({nanoseconds: required(1, int64)});

export const allocationInfoSchema = message({role: optional(1, text)});

export const reservationInfoSchema = message({
  principal: optional(1, text),
  labels: optional(2, labelsSchema),
  role: optional(3, text),
  type: optional(4, enumeration({UNKNOWN: 0, STATIC: 1, DYNAMIC: 2})),
});

export const volumeModeSchema = enumeration({RW: 1, RO: 2});

/** The volume of a persistent disk: only these fields of Volume may be set there. */
const diskVolumeSchema = message({
  container_path: required(1, text),
  host_path: optional(2, text),
  mode: required(3, volumeModeSchema),
});

const diskRootSchema = message({root: optional(1, text)});

export const diskSourceSchema = message({
  type: required(1, enumeration({UNKNOWN: 0, PATH: 1, MOUNT: 2, BLOCK: 3, RAW: 4})),
  path: optional(2, diskRootSchema),
  mount: optional(3, diskRootSchema),
  id: optional(4, text),
  metadata: optional(5, labelsSchema),
  profile: optional(6, text),
  vendor: optional(7, text),
});

export const diskInfoSchema = message({
  persistence: optional(1, message({id: required(1, text), principal: optional(2, text)})),
  volume: optional(2, diskVolumeSchema),
  source: optional(3, diskSourceSchema),
});

/**
 * Pre-refinement form: `role` and `reservation`. Post-refinement form: `reservations`, a stack, for frameworks with
 * RESERVATION_REFINEMENT. `role` is deprecated, so its default `*` is not written.
 */
export const resourceSchema = message({
  name: required(1, text),
  type: required(2, valueTypeSchema),
  scalar: optional(3, scalarSchema),
  ranges: optional(4, rangesSchema),
  set: optional(5, setSchema),
  role: optional(6, text),
  disk: optional(7, diskInfoSchema),
  reservation: optional(8, reservationInfoSchema),
  revocable: optional(9, message({})),
  shared: optional(10, message({})),
  allocation_info: optional(11, allocationInfoSchema),
  provider_id: optional(12, idSchema),
  reservations: list(13, reservationInfoSchema),
});
export type Resource = Wire<typeof resourceSchema>;

export const attributeSchema = message({
  name: required(1, text),
  type: required(2, valueTypeSchema),
  scalar: optional(3, scalarSchema),
  ranges: optional(4, rangesSchema),
  text: optional(5, textValueSchema),
  set: optional(6, setSchema),
});
export type Attribute = Wire<typeof attributeSchema>;

const zoneSchema = message({name: required(1, text)});
export const domainInfoSchema = message({
  fault_domain: optional(1, message({region: required(1, zoneSchema), zone: required(2, zoneSchema)})),
});
export type DomainInfo = Wire<typeof domainInfoSchema>;

export const secretSchema = message({
  type: optional(1, enumeration({UNKNOWN: 0, REFERENCE: 1, VALUE: 2})),
  reference: optional(2, message({name: required(1, text), key: optional(2, text)})),
  value: optional(3, message({data: required(1, bytes)})),
});

/** How the original writes `cached` and friends: a default of true. */
export const trueByDefault = (number: number) => optional(number, bool, true);

/** Scalar quantities by resource name, used by quotas and offer filters. */
export const quantitiesSchema = message({quantities: map(1, scalarSchema)});
