import {canonicalJson, isObject, type JsonObject, type JsonValue} from '../schema/json.ts';

/**
 * A set of field paths, as managedFields keeps them: a tree by path element. An element is spelled as in `fieldsV1`:
 * `f:name` for a field, `k:{"name":"x"}` for an item of a map list, `v:"x"` for an item of a set.
 */
export type FieldSet = Map<string, FieldNode>;
export type FieldNode = {
  /** The path that ends here is in the set; paths below may be in it too. */
  member: boolean;
  readonly children: FieldSet;
};

export const fieldElement = (name: string): string => `f:${name}`;
export const keyElement = (keys: JsonObject): string => `k:${canonicalJson(keys)}`;
export const valueElement = (value: JsonValue): string => `v:${canonicalJson(value)}`;

export function insertPath(set: FieldSet, path: readonly string[]): void {
  let at = set;
  path.forEach((element, index) => {
    const node = at.get(element) ?? {member: false, children: new Map()};
    at.set(element, node);
    if (index === path.length - 1) node.member = true;
    at = node.children;
  });
}

/** Combines two sets path by path. `keep` sees whether a path is in the one and in the other. */
function combine(a: FieldSet, b: FieldSet, keep: (inA: boolean, inB: boolean) => boolean): FieldSet {
  const result: FieldSet = new Map();
  for (const element of new Set([...a.keys(), ...b.keys()])) {
    const [left, right] = [a.get(element), b.get(element)];
    const children = combine(left?.children ?? EMPTY, right?.children ?? EMPTY, keep);
    const member = keep(left?.member ?? false, right?.member ?? false);
    if (member || children.size > 0) result.set(element, {member, children});
  }
  return result;
}

const EMPTY: FieldSet = new Map();

export const unionOf = (a: FieldSet, b: FieldSet): FieldSet => combine(a, b, (inA, inB) => inA || inB);
export const differenceOf = (a: FieldSet, b: FieldSet): FieldSet => combine(a, b, (inA, inB) => inA && !inB);
export const intersectionOf = (a: FieldSet, b: FieldSet): FieldSet => combine(a, b, (inA, inB) => inA && inB);

export const equalSets = (a: FieldSet, b: FieldSet): boolean => combine(a, b, (inA, inB) => inA !== inB).size === 0;

/** Without these top-level fields and everything below. */
export const withoutFields = (set: FieldSet, names: readonly string[]): FieldSet =>
  new Map([...set].filter(([element]) => !names.some(name => element === fieldElement(name))));

/** Every path in the set, in readable form: `.spec.ports[name="http"].port`. */
export function pathTexts(set: FieldSet, prefix = ''): string[] {
  return [...set].flatMap(([element, node]) => {
    const path = `${prefix}${elementText(element)}`;
    return [...(node.member ? [path] : []), ...pathTexts(node.children, path)];
  });
}

function elementText(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith('f:')) return `.${rest}`;
  if (element.startsWith('v:')) return `[=${rest}]`;
  if (element.startsWith('i:')) return `[${rest}]`;
  const keys: unknown = JSON.parse(rest);
  if (!isObject(keys)) return `[${rest}]`;
  return `[${Object.entries(keys)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(',')}]`;
}

export function encodeFields(set: FieldSet): JsonObject {
  const encoded: JsonObject = {};
  for (const [element, {member, children}] of [...set].sort(([a], [b]) => (a < b ? -1 : 1))) {
    encoded[element] = member && children.size > 0 ? {'.': {}, ...encodeFields(children)} : encodeFields(children);
  }
  return encoded;
}

/** Reads `fieldsV1`. What is not in its form is left out. */
export function decodeFields(fields: JsonValue | undefined): FieldSet {
  const set: FieldSet = new Map();
  if (!isObject(fields)) return set;
  for (const [element, below] of Object.entries(fields)) {
    if (!/^[fkvi]:/.test(element) || !isObject(below) || !decodable(element)) continue;
    const member = '.' in below || Object.keys(below).length === 0;
    set.set(normalised(element), {member, children: decodeFields(below)});
  }
  return set;
}

function decodable(element: string): boolean {
  if (element.startsWith('f:') || element.startsWith('i:')) return true;
  try {
    JSON.parse(element.slice(2));
    return true;
  } catch {
    return false;
  }
}

const normalised = (element: string): string =>
  /^[kv]:/.test(element) ? `${element.slice(0, 2)}${canonicalJson(JSON.parse(element.slice(2)))}` : element;
