import {err, ok, type Result} from '../../../lib/result.ts';
import {decodeBody, objectOf} from '../body.ts';
import type {ApiError} from '../errors.ts';
import {numberAt, stringAt, stringsAt, valueAt} from '../fields.ts';
import type {Kind} from '../kinds.ts';
import type {ApiObject} from '../object.ts';
import type {JsonObject} from '../schema/json.ts';
import {checkNumbers} from '../read/list-options.ts';
import {decodeDryRun, optionsInvalid} from './decode-request.ts';
import type {DeleteRequest} from './delete.ts';

type Asked = {readonly query: URLSearchParams; readonly contentType: string; readonly body: Uint8Array};

const POLICIES = ['Foreground', 'Background', 'Orphan'] as const;

/** DeleteOptions, from the body when there is one, else from the query. */
export function decodeDeleteOptions(asked: Asked): Result<DeleteRequest, ApiError> {
  const numbers = checkNumbers(asked.query, ['gracePeriodSeconds']);
  if (!numbers.ok) return numbers;
  const options = optionsObject(asked);
  if (!options.ok) return options;
  const dryRun = decodeDryRun('DeleteOptions', [
    ...stringsAt(options.value, 'dryRun'),
    ...asked.query.getAll('dryRun'),
  ]);
  if (!dryRun.ok) return dryRun;
  const named = stringAt(options.value, 'propagationPolicy');
  const policy = POLICIES.find(known => known === named);
  if (named !== undefined && policy === undefined) {
    const supported = POLICIES.map(known => JSON.stringify(known)).join(', ');
    const message = `Unsupported value: ${JSON.stringify(named)}: supported values: ${supported}, "nil"`;
    return err(optionsInvalid('DeleteOptions', 'propagationPolicy', 'FieldValueNotSupported', message));
  }
  const orphan = valueAt(options.value, 'orphanDependents') === true;
  return ok({
    gracePeriodSeconds: numberAt(options.value, 'gracePeriodSeconds'),
    propagationPolicy: policy ?? (orphan ? 'Orphan' : undefined),
    uid: stringAt(options.value, 'preconditions', 'uid'),
    resourceVersion: stringAt(options.value, 'preconditions', 'resourceVersion'),
    dryRun: dryRun.value,
  });
}

function optionsObject({query, contentType, body}: Asked): Result<JsonObject, ApiError> {
  if (body.length > 0) {
    const decoded = decodeBody(body, contentType);
    return decoded.ok ? objectOf(decoded.value) : decoded;
  }
  const options: JsonObject = {};
  const grace = query.get('gracePeriodSeconds');
  const policy = query.get('propagationPolicy');
  if (grace !== null && /^-?\d+$/.test(grace)) options['gracePeriodSeconds'] = Number(grace);
  if (policy !== null && policy !== '') options['propagationPolicy'] = policy;
  if (query.get('orphanDependents') === 'true') options['orphanDependents'] = true;
  return ok(options);
}

/** What answers a deletion that is complete. */
export const deletedStatus = (kind: Kind, {metadata}: ApiObject): JsonObject => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  details: {
    name: metadata.name,
    ...(kind.group === '' ? {} : {group: kind.group}),
    kind: kind.plural,
    uid: metadata.uid ?? '',
  },
});
