import {createHash} from 'node:crypto';
import type {Kind} from '../kinds.ts';
import {builtinSchema, componentName} from '../schema/builtin.ts';
import type {JsonObject, JsonValue} from '../schema/json.ts';
import {schemaOf} from '../schema/of-kind.ts';
import type {Gvk, Schema} from '../schema/schema.ts';
import {Components} from './components.ts';
import {type PathSchemas, pathsOf} from './operations.ts';

/** A document, ready to be sent. */
export type OpenApiDocument = {readonly text: string; readonly hash: string};

/** `api/v1`, `apis/mesos.dev/v1`: how the index names a group version. */
export const groupVersionPath = ({group, version}: Pick<Kind, 'group' | 'version'>): string =>
  group === '' ? `api/${version}` : `apis/${group}/${version}`;

/** The body of GET /openapi/v3: one URL per group version, with a hash that changes with its document. */
export function openApiIndex(kinds: readonly Kind[]): JsonObject {
  const paths = [...new Set(kinds.map(groupVersionPath))].sort().map(path => {
    const hash = openApiDocument(path, kinds)?.hash ?? '';
    return [path, {serverRelativeURL: `/openapi/v3/${path}?hash=${hash}`}] as const;
  });
  return {paths: Object.fromEntries(paths)};
}

/**
 * The body of GET /openapi/v3/<path>. Kept until the kinds of the group version are others.
 *
 * @param path  as in the index, without slashes around it
 * @param kinds all that are served
 * @returns     undefined when no kind is served there
 */
export function openApiDocument(path: string, kinds: readonly Kind[]): OpenApiDocument | undefined {
  const members = kinds.filter(kind => groupVersionPath(kind) === path);
  const [first] = members;
  if (first === undefined) return undefined;
  const known = documents.get(first);
  if (known?.members.length === members.length && members.every((kind, at) => known.members[at] === kind)) {
    return known.document;
  }
  const text = JSON.stringify(openApiV3(path, members));
  const document = {text, hash: createHash('sha256').update(text).digest('hex').toUpperCase()};
  documents.set(first, {members, document});
  return document;
}

type Known = {readonly members: readonly Kind[]; readonly document: OpenApiDocument};
const documents = new WeakMap<Kind, Known>();

/** The document itself: an OpenAPI 3.0 description of the kinds of one group version. */
export function openApiV3(path: string, members: readonly Kind[]): JsonObject {
  const components = new Components();
  const byName = new Map(members.map(kind => [kind.kind, kind]));
  const schemas = (gvk: Gvk): PathSchemas => pathSchemas(components, gvk, byName.get(gvk.kind));
  const paths: JsonObject = {};
  for (const kind of members) Object.assign(paths, pathsOf(`/${path}`, kind, schemas));
  return {
    openapi: '3.0.0',
    info: {title: 'Kubernetes', version: 'v1'},
    paths,
    components: {
      schemas: components.schemas,
      securitySchemes: {BearerToken: {type: 'apiKey', in: 'header', name: 'authorization'}},
    },
  };
}

function pathSchemas(components: Components, gvk: Gvk, kind: Kind | undefined): PathSchemas {
  const object = objectReference(components, gvk, kind);
  return {
    object,
    list: listReference(components, gvk, kind, object),
    deleteOptions: metaReference(components, 'DeleteOptions'),
    status: metaReference(components, 'Status'),
    patch: components.refer('io.k8s.apimachinery.pkg.apis.meta.v1.Patch', () => ({type: 'object'})),
  };
}

function objectReference(components: Components, gvk: Gvk, kind: Kind | undefined): JsonObject {
  const schema = schemaOf(gvk, kind?.schema);
  if (schema === undefined) return {type: 'object'};
  const withKind = {...schema, 'x-kubernetes-group-version-kind': [gvk]};
  return components.refer(componentName(schema) ?? customName(gvk), () => components.inline(withKind));
}

/** Custom kinds are named by their group, reversed: `dev.mesos.v1.MarathonApp`. */
const customName = ({group, version, kind}: Gvk): string =>
  [...group.split('.').reverse(), version, kind].filter(part => part !== '').join('.');

function listReference(components: Components, gvk: Gvk, kind: Kind | undefined, object: JsonObject): JsonObject {
  if (kind === undefined || !kind.verbs.includes('list')) return object;
  const schema = schemaOf(gvk, kind.schema);
  const name = (schema && componentName(schema)) ?? customName(gvk);
  return components.refer(`${name}List`, () => ({
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: {type: 'string'},
      kind: {type: 'string'},
      metadata: metaReference(components, 'ListMeta'),
      items: {type: 'array', items: object},
    },
    'x-kubernetes-group-version-kind': [{...gvk, kind: kind.listKind}],
  }));
}

const metaReference = (components: Components, name: string): JsonObject => {
  const schema: Schema = builtinSchema('', 'v1', name) ?? {type: 'object'};
  const placed: JsonValue = components.place(schema);
  return placed;
};
