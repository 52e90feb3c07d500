/** A key of a Kubernetes Secret; the whole Secret without a key. */
export type SecretReference = {readonly name: string; readonly key?: string};

/**
 * Where a Marathon secret's `source` leads: `<secret>` or `<secret>/<key>`, names of a Kubernetes Secret of the same
 * namespace. A leading slash, which other stores want, changes nothing.
 *
 * @returns undefined for a text of another form
 */
export function secretReference(source: string): SecretReference | undefined {
  const [, name, key] =
    /^\/?([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)(?:\/([-._a-zA-Z0-9]{1,253}))?$/.exec(source) ?? [];
  if (name === undefined) return undefined;
  return {name, ...(key !== undefined && {key})};
}
