import type {JsonValue} from './json.ts';
import type {CauseReason, StatusCause} from './schema.ts';

// The words are those of k8s.io/apimachinery's field errors: people search for them.

const cause = (reason: CauseReason, field: string, message: string): StatusCause => ({
  reason,
  message,
  // A real server prints a nil path like this.
  field: field === '' ? '<nil>' : field,
});

const withDetail = (text: string, detail: string): string => (detail === '' ? text : `${text}: ${detail}`);

/** @param value undefined when it is too large to be shown */
export const invalid = (field: string, value: JsonValue | undefined, detail: string): StatusCause =>
  cause('FieldValueInvalid', field, withDetail(withValue('Invalid value', value), detail));

const withValue = (text: string, value: JsonValue | undefined): string =>
  value === undefined ? text : `${text}: ${shown(value)}`;

const SHOWN_CHARS = 4096;

/** A value for a message, which is sent back as often as it has problems: the begin of a long one. */
function shown(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length <= SHOWN_CHARS ? text : `${text.slice(0, SHOWN_CHARS)}…`;
}

export const typeInvalid = (field: string, value: JsonValue, detail: string): StatusCause =>
  cause('FieldValueTypeInvalid', field, withDetail(`Invalid value: ${shown(value)}`, detail));

export const required = (field: string, detail = ''): StatusCause =>
  cause('FieldValueRequired', field, withDetail('Required value', detail));

export const forbidden = (field: string, detail: string): StatusCause =>
  cause('FieldValueForbidden', field, withDetail('Forbidden', detail));

/** @param value undefined when it is too large to be shown */
export const duplicate = (field: string, value: JsonValue | undefined): StatusCause =>
  cause('FieldValueDuplicate', field, withValue('Duplicate value', value));

export const notSupported = (field: string, value: JsonValue, supported: readonly JsonValue[]): StatusCause => {
  const names = supported.map(item => JSON.stringify(typeof item === 'string' ? item : JSON.stringify(item)));
  return cause(
    'FieldValueNotSupported',
    field,
    withDetail(`Unsupported value: ${shown(value)}`, `supported values: ${names.join(', ')}`),
  );
};

export const tooLong = (field: string, max: number): StatusCause =>
  cause('FieldValueTooLong', field, `Too long: may not be more than ${max} ${max === 1 ? 'byte' : 'bytes'}`);

export const tooMany = (field: string, actual: number, max: number): StatusCause =>
  cause('FieldValueTooMany', field, `Too many: ${actual}: must have at most ${max} ${max === 1 ? 'item' : 'items'}`);

export const notFound = (field: string, value: JsonValue): StatusCause =>
  cause('FieldValueNotFound', field, `Not found: ${shown(value)}`);

/** @param port what stands in a field that must be a port; anything but a number is judged elsewhere */
export const portCauses = (field: string, port: JsonValue | undefined): readonly StatusCause[] =>
  typeof port !== 'number' || (port >= 1 && port <= 65_535)
    ? []
    : [invalid(field, port, 'must be between 1 and 65535, inclusive')];
