import type {Attribute, Resource} from './v1/resources.ts';

// Values as the pages before the v1 API show them: plain numbers, and texts for what is no number.

/** Amounts by name; ranges and sets as text. `cpus`, `gpus`, `mem` and `disk` are always there. */
export type LegacyResources = Readonly<Record<string, number | string>>;

const ALWAYS = {cpus: 0, gpus: 0, mem: 0, disk: 0};

/** Sums up resources whatever their identity, but for revocable ones, which count under `<name>_revocable`. */
export function legacyResources(resources: readonly Resource[]): LegacyResources {
  const scalars = new Map<string, number>(Object.entries(ALWAYS));
  const texts = new Map<string, string[]>();
  for (const resource of resources) {
    const name = resource.revocable === undefined ? resource.name : `${resource.name}_revocable`;
    // Thousandths are exact integers: 0.1 + 0.2 is 0.3 here.
    if (resource.scalar !== undefined) {
      scalars.set(
        name,
        (Math.round((scalars.get(name) ?? 0) * 1000) + Math.round(resource.scalar.value * 1000)) / 1000,
      );
    }
    for (const {begin, end} of resource.ranges?.range ?? []) push(texts, `[${name}`, `${begin}-${end}`);
    for (const item of resource.set?.item ?? []) push(texts, `{${name}`, item);
  }
  return {...Object.fromEntries(scalars), ...Object.fromEntries([...texts].map(toText))};
}

/** How much there is by name, and nothing of what there is none of; of ranges and sets how many. */
export function legacyQuantities(resources: readonly Resource[]): Readonly<Record<string, number>> {
  const sums = new Map<string, number>();
  for (const {name, scalar, ranges, set} of resources) {
    const items = (ranges?.range ?? []).reduce((sum, {begin, end}) => sum + end - begin + 1, set?.item?.length ?? 0);
    const milli = Math.round((scalar?.value ?? items) * 1000);
    if (milli > 0) sums.set(name, (sums.get(name) ?? 0) + milli);
  }
  return Object.fromEntries(Array.from(sums, ([name, milli]) => [name, milli / 1000]));
}

function push(texts: Map<string, string[]>, key: string, item: string): void {
  texts.set(key, [...(texts.get(key) ?? []), item]);
}

const toText = ([key, items]: readonly [string, readonly string[]]): [string, string] => {
  const joined = items.join(', ');
  return [key.slice(1), key.startsWith('[') ? `[${joined}]` : `{${joined}}`];
};

/** The role that a resource is reserved to; undefined for what is everybody's. */
export function reservedRole({role, reservations = []}: Resource): string | undefined {
  const last = reservations.at(-1)?.role ?? role;
  return last === '*' ? undefined : last;
}

/** Resources by the role they are reserved to. */
export function byReservation(resources: readonly Resource[]): ReadonlyMap<string, readonly Resource[]> {
  const byRole = new Map<string, Resource[]>();
  for (const resource of resources) {
    const role = reservedRole(resource);
    if (role !== undefined) byRole.set(role, [...(byRole.get(role) ?? []), resource]);
  }
  return byRole;
}

/** Attributes by name: a number, or a text. */
export const legacyAttributes = (attributes: readonly Attribute[]): Readonly<Record<string, number | string>> =>
  Object.fromEntries(attributes.map(attribute => [attribute.name, attributeValue(attribute)]));

function attributeValue({scalar, text, ranges, set}: Attribute): number | string {
  if (scalar !== undefined) return scalar.value;
  if (text !== undefined) return text.value;
  if (set !== undefined) return `{${(set.item ?? []).join(', ')}}`;
  return `[${(ranges?.range ?? []).map(({begin, end}) => `${begin}-${end}`).join(', ')}]`;
}

/** Seconds as a double. */
export const seconds = (time: {readonly nanoseconds: number} | undefined): number | undefined =>
  time === undefined ? undefined : time.nanoseconds / 1e9;
