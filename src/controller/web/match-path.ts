/** The segments of a path as the caller meant them: decoded, empty ones left out; undefined: an escape is broken. */
export function segmentsOf(path: string): readonly string[] | undefined {
  try {
    return decodeURIComponent(path)
      .split('/')
      .filter(segment => segment !== '');
  } catch {
    return undefined;
  }
}

export type Params = Readonly<Record<string, string>>;

/** A path of the table, taken apart: what stands before and behind the part of any length. */
type Pattern = {
  readonly before: readonly string[];
  readonly rest: {readonly name: string; readonly least: number} | undefined;
  readonly after: readonly string[];
};

/** @returns what finds the named parts of a path; undefined from it: the path is another one */
export function pathMatcher(path: string): (segments: readonly string[]) => Params | undefined {
  const pattern = parse(path);
  return segments => match(pattern, segments);
}

function parse(path: string): Pattern {
  const parts = path.split('/').filter(part => part !== '');
  const at = parts.findIndex(part => /^\{\w+[+*]\}$/.test(part));
  const part = parts[at];
  if (part === undefined) return {before: parts, rest: undefined, after: []};
  const rest = {name: part.slice(1, -2), least: part.endsWith('+}') ? 1 : 0};
  return {before: parts.slice(0, at), rest, after: parts.slice(at + 1)};
}

function match({before, rest, after}: Pattern, segments: readonly string[]): Params | undefined {
  const inRest = segments.length - before.length - after.length;
  if (rest === undefined ? inRest !== 0 : inRest < rest.least) return undefined;
  const params: Record<string, string> = {};
  const all = [...before.entries(), ...after.map((part, index) => [before.length + inRest + index, part] as const)];
  for (const [index, part] of all) {
    const segment = segments[index] ?? '';
    if (part.startsWith('{')) params[part.slice(1, -1)] = segment;
    else if (part !== segment) return undefined;
  }
  if (rest !== undefined) params[rest.name] = segments.slice(before.length, before.length + inRest).join('/');
  return params;
}
