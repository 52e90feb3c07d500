import {err, ok, type Result} from '../../../lib/result.ts';
import {type ApiError, notAcceptable, notAvailable} from '../errors.ts';

/** The form in which a client wants its answer. */
export type Accept = {
  readonly format: 'json' | 'yaml';
  /** `Table`, `PartialObjectMetadata`, `PartialObjectMetadataList`, `APIGroupDiscoveryList`: instead of the object itself. */
  readonly as?: string;
  /** The apiVersion of `as`. */
  readonly version?: string;
};

const TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const FORMATS: Readonly<Record<string, Accept['format']>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/*': 'json',
  '*/*': 'json',
};
/** What may stand in `as`, with the versions that differ in nothing we answer. */
const FORMS: Readonly<Record<string, readonly string[]>> = {
  Table: ['meta.k8s.io/v1', 'meta.k8s.io/v1beta1'],
  PartialObjectMetadata: ['meta.k8s.io/v1', 'meta.k8s.io/v1beta1'],
  PartialObjectMetadataList: ['meta.k8s.io/v1', 'meta.k8s.io/v1beta1'],
  APIGroupDiscoveryList: ['apidiscovery.k8s.io/v2', 'apidiscovery.k8s.io/v2beta1'],
};

const WATCH_TYPES = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];

const AVAILABLE = {'readable collection': [...TYPES, ...WATCH_TYPES], other: TYPES, json: ['application/json']};

/**
 * The first range of an Accept header that can be served.
 *
 * @param header  none means anything
 * @param builtin collections and objects of built-in kinds, and some documents, have a refusal of their own
 */
export function parseAccept(
  header: string | undefined,
  builtin?: 'readable collection' | 'other' | 'json',
): Result<Accept, ApiError> {
  const ranges = (header ?? '*/*').split(',').map(parseRange);
  for (const range of ranges.toSorted((a, b) => b.quality - a.quality)) {
    const format = FORMATS[range.type];
    if (format === undefined) continue;
    if (range.as === undefined) return ok({format});
    const version = `${range.group ?? ''}/${range.version ?? ''}`;
    if (FORMS[range.as]?.includes(version)) return ok({format, as: range.as, version});
  }
  if (builtin === undefined || ranges.some(range => FORMATS[range.type] !== undefined))
    return err(notAcceptable(TYPES));
  return err(notAvailable(AVAILABLE[builtin]));
}

function parseRange(text: string) {
  const [type = '', ...rest] = text.split(';').map(part => part.trim());
  const parameters = new Map(
    rest.map(part => {
      const at = part.indexOf('=');
      return [part.slice(0, at), part.slice(at + 1)] as const;
    }),
  );
  return {
    type: type.toLowerCase(),
    quality: Number(parameters.get('q') ?? 1),
    as: parameters.get('as'),
    group: parameters.get('g'),
    version: parameters.get('v'),
  };
}
