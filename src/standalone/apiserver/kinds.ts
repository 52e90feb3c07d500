import type {Schema} from './schema/schema.ts';

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

/** One of `additionalPrinterColumns` of a CustomResourceDefinition. */
export type PrinterColumn = {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly description?: string;
  readonly format?: string;
  readonly priority?: number;
};

/** A part of an object with a path of its own. `kind` is what travels on it; its group and version default to the owner's. */
export type Subresource = {
  readonly name: string;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly Verb[];
};

/** Where the scale subresource finds its numbers: dotted paths such as `.spec.replicas`. */
export type ScalePaths = {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
};

/** A kind in one version, as it is served. One table of these drives routes, discovery, OpenAPI and the write rules. */
export type Kind = {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly Verb[];
  readonly subresources: readonly Subresource[];
  /** Objects live under this name in the store; kinds that share it are views of the same objects. */
  readonly storage: string;
  /** From a CustomResourceDefinition. */
  readonly custom: boolean;
  /** Custom kinds: `openAPIV3Schema`, structural. Built-in kinds have theirs in schema/builtin.ts. */
  readonly schema?: Schema;
  readonly columns?: readonly PrinterColumn[];
  /** Field selectors besides metadata.name and metadata.namespace. */
  readonly selectableFields: readonly string[];
  readonly scale?: ScalePaths;
  /** Writes to the main path leave `status` alone. */
  readonly statusIsolated: boolean;
  /** Has metadata.generation. */
  readonly generation: boolean;
  /** An update without resourceVersion overwrites. */
  readonly unconditionalUpdate: boolean;
  /** An update of something that is not there creates it. */
  readonly createOnUpdate: boolean;
  /** Which names are allowed (`names.ts`). */
  readonly naming: 'dns1123-subdomain' | 'dns1123-label' | 'dns1035-label' | 'path-segment';
};

export const apiVersionOf = (kind: Pick<Kind, 'group' | 'version'>): string =>
  kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;

/** `pods`, `widgets.demo.dev`. */
export const resourceName = (kind: Pick<Kind, 'group' | 'plural'>): string =>
  kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;

export const ALL_VERBS: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

export const STATUS: Subresource = {name: 'status', kind: '', verbs: ['get', 'patch', 'update']};
