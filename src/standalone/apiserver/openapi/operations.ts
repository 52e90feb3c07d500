import type {Kind, Subresource, Verb} from '../kinds.ts';
import type {JsonObject} from '../schema/json.ts';
import type {Gvk} from '../schema/schema.ts';

/** References to the schemas that one path needs. */
export type PathSchemas = {
  readonly object: JsonObject;
  readonly list: JsonObject;
  readonly deleteOptions: JsonObject;
  readonly status: JsonObject;
  readonly patch: JsonObject;
};

const query = (name: string, type: string, description: string): JsonObject => ({
  name,
  in: 'query',
  description,
  schema: {type, uniqueItems: true},
});
const inPath = (name: string, description: string): JsonObject => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: {type: 'string', uniqueItems: true},
});

const PRETTY = query('pretty', 'string', 'Indent the answer.');
const DRY_RUN = query('dryRun', 'string', 'All: check and answer as usual, but store nothing.');
const MANAGER = query('fieldManager', 'string', 'Who makes this change; kept in metadata.managedFields.');
const VALIDATION = query(
  'fieldValidation',
  'string',
  'What to do about unknown and repeated fields: Ignore, Warn or Strict.',
);
const FORCE = query('force', 'boolean', 'Apply only: take over fields that other managers own.');
const WRITE = [PRETTY, DRY_RUN, MANAGER, VALIDATION];
const SELECT = [
  query('labelSelector', 'string', 'Only objects with these labels.'),
  query('fieldSelector', 'string', 'Only objects with these fields.'),
  query('limit', 'integer', 'At most so many objects per answer.'),
  query('continue', 'string', 'Where the last answer stopped.'),
  query('resourceVersion', 'string', 'Not older than this state.'),
  query('resourceVersionMatch', 'string', 'How resourceVersion is meant.'),
  query('timeoutSeconds', 'integer', 'End the watch after this time.'),
  query('sendInitialEvents', 'boolean', 'Start the watch with what is there already.'),
];
const LIST = [
  query('allowWatchBookmarks', 'boolean', 'Send bookmarks while nothing changes.'),
  ...SELECT,
  query('watch', 'boolean', 'Stream changes instead of listing.'),
];
const DELETE = [
  PRETTY,
  DRY_RUN,
  query('gracePeriodSeconds', 'integer', 'Seconds before the object is removed.'),
  query('orphanDependents', 'boolean', 'Deprecated: use propagationPolicy.'),
  query('propagationPolicy', 'string', 'What becomes of dependents: Orphan, Background or Foreground.'),
];

const PATCH_TYPES = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

const OK = (schema: JsonObject): JsonObject => ({
  description: 'OK',
  content: {'application/json': {schema}, 'application/yaml': {schema}},
});

const answers = (schema: JsonObject, ...codes: readonly string[]): JsonObject => {
  const good: JsonObject = Object.fromEntries(codes.map(code => [code, OK(schema)]));
  return {...good, '401': {description: 'Unauthorized'}};
};

const body = (schema: JsonObject): JsonObject => ({content: {'*/*': {schema}}, required: true});

type Operation = {
  readonly action: string;
  readonly parameters: readonly JsonObject[];
  readonly responses: JsonObject;
  readonly requestBody?: JsonObject;
};

const written = ({action, parameters, responses, requestBody}: Operation, gvk: Gvk): JsonObject => ({
  ...(parameters.length === 0 ? {} : {parameters: [...parameters]}),
  ...(requestBody === undefined ? {} : {requestBody}),
  responses,
  'x-kubernetes-action': action,
  'x-kubernetes-group-version-kind': {...gvk},
});

type Method = readonly [method: string, verb: Verb, operation: (schemas: PathSchemas, kind: Kind) => Operation];

const read =
  (action: string, parameters: readonly JsonObject[], pick: (schemas: PathSchemas) => JsonObject) =>
  (schemas: PathSchemas): Operation => ({action, parameters, responses: answers(pick(schemas), '200')});

const write =
  (action: string, ...codes: readonly string[]) =>
  ({object}: PathSchemas): Operation => ({
    action,
    parameters: WRITE,
    requestBody: body(object),
    responses: answers(object, ...codes),
  });

const remove =
  (action: string, parameters: readonly JsonObject[]) =>
  ({deleteOptions, status}: PathSchemas): Operation => ({
    action,
    parameters,
    requestBody: {content: {'*/*': {schema: deleteOptions}}},
    responses: answers(status, '200', '202'),
  });

function patch({object, patch: schema}: PathSchemas, {custom}: Kind): Operation {
  const types = PATCH_TYPES.filter(type => !custom || !type.includes('strategic'));
  return {
    action: 'patch',
    parameters: [...WRITE, FORCE],
    requestBody: {content: Object.fromEntries(types.map(type => [type, {schema}])), required: true},
    responses: answers(object, '200', '201'),
  };
}

const GET = read('get', [PRETTY], ({object}) => object);
const LIST_METHOD: Method = ['get', 'list', read('list', LIST, ({list}) => list)];
const COLLECTION: readonly Method[] = [
  LIST_METHOD,
  ['post', 'create', write('post', '200', '201', '202')],
  ['delete', 'deletecollection', remove('deletecollection', [...DELETE, ...SELECT])],
];
const OBJECT: readonly Method[] = [
  ['get', 'get', GET],
  ['put', 'update', write('put', '200', '201')],
  ['patch', 'patch', patch],
  ['delete', 'delete', remove('delete', DELETE)],
];
const SUBRESOURCE: readonly Method[] = [...OBJECT, ['post', 'create', write('post', '200', '201', '202')]];

function pathItem(
  methods: readonly Method[],
  verbs: readonly Verb[],
  gvk: Gvk,
  kind: Kind,
  schemas: PathSchemas,
  parameters: readonly JsonObject[],
): JsonObject | undefined {
  const served = methods.filter(([, verb]) => verbs.includes(verb));
  if (served.length === 0) return undefined;
  return {
    ...Object.fromEntries(served.map(([method, , operation]) => [method, written(operation(schemas, kind), gvk)])),
    ...(parameters.length === 0 ? {} : {parameters: [...parameters]}),
  };
}

/** The kind that travels on a subresource. */
export const subresourceGvk = (kind: Kind, subresource: Subresource): Gvk => ({
  group: subresource.group ?? kind.group,
  version: subresource.version ?? kind.version,
  kind: subresource.kind === '' ? kind.kind : subresource.kind,
});

/**
 * All paths of a kind.
 *
 * @param root    `/api/v1` or `/apis/<group>/<version>`
 * @param schemas of the kind itself, and of what travels on a subresource
 */
export function pathsOf(root: string, kind: Kind, schemas: (gvk: Gvk) => PathSchemas): JsonObject {
  const {group, version, plural, verbs, namespaced} = kind;
  const gvk: Gvk = {group, version, kind: kind.kind};
  const scope = namespaced ? [inPath('namespace', 'The namespace of the object.')] : [];
  const name = inPath('name', `The name of the ${kind.kind}.`);
  const collection = `${root}${namespaced ? '/namespaces/{namespace}' : ''}/${plural}`;
  const own = schemas(gvk);
  const paths: Record<string, JsonObject | undefined> = {
    [collection]: pathItem(COLLECTION, verbs, gvk, kind, own, scope),
    [`${collection}/{name}`]: pathItem(OBJECT, verbs, gvk, kind, own, [...scope, name]),
  };
  if (namespaced) paths[`${root}/${plural}`] = pathItem([LIST_METHOD], verbs, gvk, kind, own, []);
  for (const subresource of kind.subresources) {
    const carried = subresourceGvk(kind, subresource);
    const path = `${collection}/{name}/${subresource.name}`;
    const parameters = [...scope, name];
    paths[path] = pathItem(SUBRESOURCE, subresource.verbs, carried, kind, schemas(carried), parameters);
  }
  return Object.fromEntries(
    Object.entries(paths).flatMap(([path, item]) => (item === undefined ? [] : [[path, item]])),
  );
}
