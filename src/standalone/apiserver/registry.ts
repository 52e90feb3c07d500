import {BUILTIN_KINDS} from './builtin-kinds.ts';
import {compareVersions, kindsOfDefinition, storageVersion} from './custom-kinds.ts';
import {stringAt} from './fields.ts';
import type {Kind} from './kinds.ts';
import type {ApiObject} from './object.ts';
import type {Store} from './store.ts';

export const DEFINITIONS = 'apiextensions.k8s.io/customresourcedefinitions';

export type Group = {readonly name: string; readonly versions: readonly string[]};

/** Every kind that is served now: the built-in ones and those of CustomResourceDefinitions in the store. */
export class Registry {
  #kinds: readonly Kind[] = [];
  #byPath = new Map<string, Kind>();
  #storageVersions = new Map<string, string>();

  constructor(store: Store) {
    this.#rebuild(store);
    store.subscribe(change => {
      if (change.storage === DEFINITIONS) this.#rebuild(store);
    });
  }

  kinds(): readonly Kind[] {
    return this.#kinds;
  }

  find(group: string, version: string, plural: string): Kind | undefined {
    return this.#byPath.get(`${group}/${version}/${plural}`);
  }

  /** By the names that references use, such as an owner's apiVersion and kind. */
  findByKind(apiVersion: string, kind: string): Kind | undefined {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    return this.#kinds.find(known => known.group === group && known.version === version && known.kind === kind);
  }

  /** One kind per set of stored objects, whatever the number of versions. */
  stored(): readonly Kind[] {
    const seen = new Map<string, Kind>();
    for (const kind of this.#kinds) {
      if (kind.verbs.includes('list') && !seen.has(kind.storage)) seen.set(kind.storage, kind);
    }
    return [...seen.values()];
  }

  /** In the order of discovery; the core group is not among them. */
  groups(): readonly Group[] {
    const versions = new Map<string, Set<string>>();
    for (const {group, version} of this.#kinds) {
      if (group === '') continue;
      versions.set(group, (versions.get(group) ?? new Set()).add(version));
    }
    return [...versions].map(([name, found]) => ({name, versions: [...found].sort(compareVersions)}));
  }

  /** The apiVersion under which a custom kind's objects are kept. */
  storageApiVersion(kind: Kind): string {
    return `${kind.group}/${this.#storageVersions.get(kind.storage) ?? kind.version}`;
  }

  #rebuild(store: Store): void {
    const definitions = store.list(DEFINITIONS);
    this.#kinds = [...BUILTIN_KINDS, ...definitions.flatMap(servedKinds)];
    this.#byPath = new Map(this.#kinds.map(kind => [`${kind.group}/${kind.version}/${kind.plural}`, kind]));
    this.#storageVersions = new Map(
      definitions.map(crd => [
        `${stringAt(crd, 'spec', 'group')}/${stringAt(crd, 'spec', 'names', 'plural')}`,
        storageVersion(crd),
      ]),
    );
  }
}

/** Made once per stored definition: others keep what they derive from a kind under the kind itself. */
const served = new WeakMap<ApiObject, readonly Kind[]>();

function servedKinds(crd: ApiObject): readonly Kind[] {
  const known = served.get(crd);
  if (known !== undefined) return known;
  const kinds = kindsOfDefinition(crd);
  served.set(crd, kinds);
  return kinds;
}
