import type {Kind} from './kinds.ts';
import type {Meta, OwnerRef} from './object.ts';
import {invalid, tooLong} from './schema/cause.ts';
import type {StatusCause} from './schema/schema.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

const SUBDOMAIN_MESSAGE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_MESSAGE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_1035_MESSAGE =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const NAME_RULES =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const NAME_PART_MESSAGE = `name part ${NAME_RULES}`;
const LABEL_VALUE_MESSAGE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

const ANNOTATIONS_LIMIT_BYTES = 256 * 1024;
const GENERATED_NAME_BASE_LIMIT = 58;
const STANDARD_FINALIZERS = ['orphan', 'foregroundDeletion', 'kubernetes'];
/** No vowels and no look-alikes, so that no words appear. */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** `base` plus five random characters. */
export function generateName(base: string, random: () => number): string {
  const suffix = Array.from({length: 5}, () => SUFFIX_ALPHABET[Math.floor(random() * SUFFIX_ALPHABET.length)]);
  return base.slice(0, GENERATED_NAME_BASE_LIMIT) + suffix.join('');
}

/** What is wrong with an object's metadata, in the words of a real server. */
export function validateMeta(kind: Kind, meta: Meta): readonly StatusCause[] {
  const base = meta.generateName ?? '';
  const causes: StatusCause[] = [
    ...(base === ''
      ? []
      : nameProblems(kind.naming, base.replace(/-$/, 'a')).map(why => invalid('metadata.generateName', base, why))),
    ...nameProblems(kind.naming, meta.name).map(why => invalid('metadata.name', meta.name, why)),
  ];
  for (const [key, value] of Object.entries(meta.labels ?? {})) {
    causes.push(...qualifiedNameProblems(key).map(why => invalid('metadata.labels', key, why)));
    causes.push(...labelValueProblems(value).map(why => invalid('metadata.labels', value, why)));
  }
  causes.push(...annotationProblems(meta));
  return [...causes, ...finalizerProblems(meta.finalizers ?? []), ...ownerProblems(meta)];
}

function finalizerProblems(finalizers: readonly string[]): readonly StatusCause[] {
  const causes = finalizers.flatMap((finalizer, index) => {
    const problems = qualifiedNameProblems(finalizer);
    if (problems.length > 0) return problems.map(why => invalid('metadata.finalizers', finalizer, why));
    if (finalizer.includes('/') || STANDARD_FINALIZERS.includes(finalizer)) return [];
    const why = 'name is neither a standard finalizer name nor is it fully qualified';
    return [invalid(`metadata.finalizers[${index}]`, finalizer, why)];
  });
  if (!finalizers.includes('orphan') || !finalizers.includes('foregroundDeletion')) return causes;
  const why = 'finalizer orphan and foregroundDeletion cannot be both set';
  return [...causes, invalid('metadata.finalizers', [...finalizers], why)];
}

export function nameProblems(naming: Kind['naming'], name: string): readonly string[] {
  switch (naming) {
    case 'dns1123-subdomain':
      return [
        ...(name.length > 253 ? ['must be no more than 253 bytes'] : []),
        ...(SUBDOMAIN.test(name) ? [] : [SUBDOMAIN_MESSAGE]),
      ];
    case 'dns1123-label':
      return [
        ...(name.length > 63 ? ['must be no more than 63 bytes'] : []),
        ...(LABEL.test(name) ? [] : [LABEL_MESSAGE]),
      ];
    case 'dns1035-label':
      return [
        ...(name.length > 63 ? ['must be no more than 63 bytes'] : []),
        ...(LABEL_1035.test(name) ? [] : [LABEL_1035_MESSAGE]),
      ];
    case 'path-segment':
      if (name === '.' || name === '..') return [`may not be '${name}'`];
      return ['/', '%'].filter(mark => name.includes(mark)).map(mark => `may not contain '${mark}'`);
    default:
      return kindless(naming);
  }
}

export const labelValueProblems = (value: string): readonly string[] => [
  ...(value.length > 63 ? ['must be no more than 63 bytes'] : []),
  ...(value === '' || QUALIFIED_NAME.test(value) ? [] : [LABEL_VALUE_MESSAGE]),
];

/** Keys of labels and annotations, and finalizers. */
export function qualifiedNameProblems(key: string): readonly string[] {
  const parts = key.split('/');
  if (parts.length > 2) {
    return [
      `a valid label key ${NAME_RULES} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const [prefix, name] = parts.length === 2 ? [parts[0] ?? '', parts[1] ?? ''] : [undefined, key];
  const problems: string[] = [];
  if (prefix === '') problems.push('prefix part must be non-empty');
  else if (prefix !== undefined) {
    problems.push(...nameProblems('dns1123-subdomain', prefix).map(why => `prefix part ${why}`));
  }
  if (name === '') problems.push('name part must be non-empty');
  else if (name.length > 63) problems.push('name part must be no more than 63 bytes');
  if (!QUALIFIED_NAME.test(name)) problems.push(NAME_PART_MESSAGE);
  return problems;
}

function annotationProblems(meta: Meta): readonly StatusCause[] {
  const annotations = Object.entries(meta.annotations ?? {});
  const causes = annotations.flatMap(([key]) =>
    qualifiedNameProblems(key.toLowerCase()).map(why => invalid('metadata.annotations', key, why)),
  );
  const size = annotations.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  if (size <= ANNOTATIONS_LIMIT_BYTES) return causes;
  return [...causes, tooLong('metadata.annotations', ANNOTATIONS_LIMIT_BYTES)];
}

function ownerProblems(meta: Meta): readonly StatusCause[] {
  const owners = meta.ownerReferences ?? [];
  const causes = owners.flatMap(ownerCauses);
  const controllers = owners.filter(owner => owner.controller === true);
  if (controllers.length < 2) return causes;
  const names = controllers.slice(0, 2).map(owner => `${owner.kind}/${owner.name}`);
  const why = `Only one reference can have Controller set to true. Found "true" in references for ${names.join(' and ')}`;
  return [...causes, invalid('metadata.ownerReferences', owners, why)];
}

function ownerCauses(owner: OwnerRef): StatusCause[] {
  const causes: StatusCause[] = [];
  const [group, version] = groupVersionOf(owner.apiVersion);
  if (version === '') {
    causes.push(invalid('metadata.ownerReferences.apiVersion', owner.apiVersion, 'version must not be empty'));
  }
  for (const field of ['kind', 'name', 'uid'] as const) {
    if (owner[field] === '')
      causes.push(invalid(`metadata.ownerReferences.${field}`, owner[field], 'must not be empty'));
  }
  if (owner.kind === 'Event' && ['', 'events.k8s.io'].includes(group) && version === 'v1') {
    const why = `${group}/${version}, Kind=Event is disallowed from being an owner`;
    causes.push(invalid('metadata.ownerReferences', owner, why));
  }
  return causes;
}

function groupVersionOf(apiVersion: string): readonly [string, string] {
  const parts = apiVersion.split('/');
  if (parts.length > 2) return ['', ''];
  return parts.length === 1 ? ['', apiVersion] : [parts[0] ?? '', parts[1] ?? ''];
}

const kindless = (naming: never): never => {
  throw new Error(`unknown naming ${String(naming)}`);
};
