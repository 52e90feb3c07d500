import {err, ok, type Result} from '../../../lib/result.ts';
import {type ApiError, badRequest} from '../errors.ts';
import type {Kind} from '../kinds.ts';
import type {ApiObject} from '../object.ts';
import {matchesFields, parseFieldSelector, parseLabelSelector, type Predicate} from '../selectors.ts';

/** Which objects a list or watch is about. */
export type Selection = {
  readonly kind: Kind;
  /** Undefined: all namespaces, or a cluster-scoped kind. */
  readonly namespace: string | undefined;
  /** What the kind's view of an object must fulfil. */
  readonly matches: Predicate;
  readonly selective: boolean;
};

export function parseSelection(
  kind: Kind,
  namespace: string | undefined,
  query: URLSearchParams,
): Result<Selection, ApiError> {
  const labelText = query.get('labelSelector') ?? '';
  const fieldText = query.get('fieldSelector') ?? '';
  const labels = parseLabelSelector(labelText);
  if (!labels.ok) return err(badRequest(labels.error));
  const fields = parseFieldSelector(fieldText, kind);
  if (!fields.ok) return err(badRequest(fields.error));
  const inFields = matchesFields(fields.value);
  const selective = labelText !== '' || fieldText !== '';
  return ok({
    kind,
    namespace,
    selective,
    matches: (object: ApiObject) => labels.value(object) && inFields(object),
  });
}

/** A revision in a query; undefined when it is not set. */
export function parseRevision(text: string | null): Result<number | undefined, string> {
  if (text === null || text === '') return ok(undefined);
  if (/^\d+$/.test(text)) return ok(Number(text));
  const shown = JSON.stringify(text);
  return err(`resourceVersion: Invalid value: ${shown}: strconv.ParseUint: parsing ${shown}: invalid syntax`);
}

export const isTrue = (text: string | null): boolean => text === 'true' || text === '1' || text === '';

/** A whole number of a query; anything else is as if it were not there. */
export function parseCount(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}
