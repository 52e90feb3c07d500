import {err, ok, type Result} from '../../../lib/result.ts';
import {type ApiError, badRequest} from '../errors.ts';
import {optionsInvalid} from '../write/decode-request.ts';

const MATCHES = ['Exact', 'NotOlderThan', ''];

/** What is wrong with the options of a list, or of a deletion of everything that a list would show. */
export function checkListOptions(query: URLSearchParams): Result<void, ApiError> {
  const numbers = checkNumbers(query, ['limit', 'timeoutSeconds']);
  if (!numbers.ok) return numbers;
  const problem = matchProblem(query.get('resourceVersionMatch') ?? '', query.get('resourceVersion') ?? '');
  if (problem !== undefined) return err(problem);
  if (query.get('sendInitialEvents') === null) return ok(undefined);
  const message = 'Forbidden: sendInitialEvents is forbidden for list';
  return err(optionsInvalid('ListOptions', 'sendInitialEvents', 'FieldValueForbidden', message));
}

/** Numbers of a query are whole ones. */
export function checkNumbers(query: URLSearchParams, names: readonly string[]): Result<void, ApiError> {
  const wrong = names.map(name => query.get(name) ?? '').find(text => text !== '' && !/^[+-]?\d+$/.test(text));
  if (wrong === undefined) return ok(undefined);
  return err(badRequest(`strconv.ParseInt: parsing ${JSON.stringify(wrong)}: invalid syntax`));
}

function matchProblem(match: string, version: string): ApiError | undefined {
  const forbidden = (why: string): ApiError =>
    optionsInvalid('ListOptions', 'resourceVersionMatch', 'FieldValueForbidden', `Forbidden: ${why}`);
  if (match === '') return undefined;
  if (version === '') return forbidden('resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (!MATCHES.includes(match)) {
    const supported = MATCHES.map(known => JSON.stringify(known)).join(', ');
    const message = `Unsupported value: ${JSON.stringify(match)}: supported values: ${supported}`;
    return optionsInvalid('ListOptions', 'resourceVersionMatch', 'FieldValueNotSupported', message);
  }
  return match === 'Exact' && version === '0'
    ? forbidden('resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
    : undefined;
}
