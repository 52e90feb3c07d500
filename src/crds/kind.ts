import {type Static, type TSchema} from 'typebox';
import {Value} from 'typebox/value';
import type {KubeObject, ResourceKind} from '../kube/types.ts';
import {err, ok, type Result} from '../lib/result.ts';

/** A column of `kubectl get`; `priority: 1` shows with `-o wide`. */
export type Column = {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly description?: string;
  readonly priority?: number;
};

/** Everything there is to say about one kind; the CRD manifest, the decoder and the reference page are made from it. */
export type Kind<Spec extends TSchema = TSchema, Status extends TSchema = TSchema> = ResourceKind & {
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly description: string;
  readonly columns: readonly Column[];
  readonly scale?: {
    readonly specReplicasPath: string;
    readonly statusReplicasPath: string;
    readonly labelSelectorPath: string;
  };
  readonly spec: Spec;
  readonly status: Status;
};

export type ObjectOf<K extends Kind> = KubeObject<Static<K['spec']>, Static<K['status']>> & {
  readonly spec: Static<K['spec']>;
};

export type DecodeIssue = {readonly path: string; readonly message: string};

const GROUP = 'mesos.dev';

export const defineKind = <const Spec extends TSchema, const Status extends TSchema>(
  kind: Omit<Kind<Spec, Status>, 'group' | 'version' | 'namespaced' | 'categories'> & {
    readonly categories?: readonly string[];
  },
): Kind<Spec, Status> => ({categories: ['mesos'], ...kind, group: GROUP, version: 'v1', namespaced: true});

/**
 * Reads an object of this kind: fills in the schema's defaults and checks it.
 *
 * @returns every issue with a dotted path (`spec.cpus`), or a new object; the input is not changed
 */
export function decodeObject<K extends Kind>(kind: K, raw: KubeObject): Result<ObjectOf<K>, readonly DecodeIssue[]> {
  const spec = Value.Default(kind.spec, structuredCloneJson(raw.spec ?? {}));
  const issues = issuesOf(kind.spec, spec, 'spec');
  if (issues.length > 0) return err(issues);
  // The status is written by this project alone; one that does not fit (an older version's) is read as absent.
  const status = raw.status !== undefined && Value.Check(kind.status, raw.status) ? raw.status : undefined;
  return ok({...raw, spec, status} as unknown as ObjectOf<K>);
}

function issuesOf(schema: TSchema, value: unknown, root: string): DecodeIssue[] {
  if (Value.Check(schema, value)) return [];
  return Value.Errors(schema, value).map(issue => ({
    path: `${root}${issue.instancePath.replaceAll('/', '.')}`,
    message: issue.message,
  }));
}

const structuredCloneJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
