import {err, ok, type Result} from '../../../lib/result.ts';
import type {ApiError} from '../errors.ts';
import type {Target} from '../paths.ts';
import type {WriteRequest} from './request.ts';

const VALIDATIONS = ['Ignore', 'Strict', 'Warn'] as const;

const MANAGER_LIMIT = 128;

type Asked = {
  readonly method: string;
  readonly target: Target;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly userAgent: string;
};

/** The options that every write takes, from its query and headers. */
export function decodeWriteRequest({
  method,
  target,
  query,
  contentType,
  userAgent,
}: Asked): Result<WriteRequest, ApiError> {
  const optionsKind = method === 'POST' ? 'CreateOptions' : method === 'PATCH' ? 'PatchOptions' : 'UpdateOptions';
  const dryRun = decodeDryRun(optionsKind, query.getAll('dryRun'));
  if (!dryRun.ok) return dryRun;
  const given = query.get('fieldValidation') ?? '';
  const fieldValidation = given === '' ? 'Warn' : VALIDATIONS.find(known => known === given);
  if (fieldValidation === undefined) {
    const supported = VALIDATIONS.map(known => JSON.stringify(known)).join(', ');
    const message = `Unsupported value: ${JSON.stringify(given)}: supported values: "", ${supported}`;
    return err(optionsInvalid(optionsKind, 'fieldValidation', 'FieldValueNotSupported', message));
  }
  const manager = query.get('fieldManager') ?? '';
  if (manager.length > MANAGER_LIMIT) {
    const message = `Too long: may not be more than ${MANAGER_LIMIT} bytes`;
    return err(optionsInvalid(optionsKind, 'fieldManager', 'FieldValueTooLong', message));
  }
  if (contentType === 'application/apply-patch+yaml' && method === 'PATCH' && manager === '') {
    const message = 'Required value: is required for apply patch';
    return err(optionsInvalid(optionsKind, 'fieldManager', 'FieldValueRequired', message));
  }
  return ok({
    ...target,
    dryRun: dryRun.value,
    fieldValidation,
    fieldManager: manager === '' ? defaultManager(userAgent) : manager,
    force: ['true', '1'].includes(query.get('force') ?? ''),
  });
}

/** A client that gives no name is known by its program. */
const defaultManager = (userAgent: string): string =>
  (userAgent.split('/')[0] ?? '').slice(0, MANAGER_LIMIT) || 'unknown';

export function decodeDryRun(optionsKind: string, values: readonly string[]): Result<boolean, ApiError> {
  const wrong = values.find(value => value !== 'All' && value !== '');
  if (wrong === undefined) return ok(values.includes('All'));
  const message = `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`;
  return err(optionsInvalid(optionsKind, 'dryRun', 'FieldValueNotSupported', message));
}

export const optionsInvalid = (optionsKind: string, field: string, reason: string, message: string): ApiError => ({
  code: 422,
  reason: 'Invalid',
  message: `${optionsKind}.meta.k8s.io "" is invalid: ${field}: ${message}`,
  details: {group: 'meta.k8s.io', kind: optionsKind, causes: [{reason, message, field}]},
});
