/** Where the person is: `#/apps/%2Fweb/debug?sort=name`. */
export type Place = {readonly segments: readonly string[]; readonly query: URLSearchParams};

export function placeOf(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const segments = path.split('/').filter(segment => segment !== '');
  return {segments: segments.map(decoded), query: new URLSearchParams(query)};
}

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

/** @returns the `href` of a place; ids with slashes are one segment */
export function href(segments: readonly string[], query: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString();
  return `#/${segments.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`;
}
