import type {TSchema} from 'typebox';
import {PERMISSIONS, type Permission} from './permissions.ts';
import {typesOf} from './read-body.ts';
import type {Body, RouteEntry} from './route.ts';

/** One line for each row, for people at a terminal. */
export function helpText(title: string, routes: readonly RouteEntry[]): string {
  const paths = routes.map(({method, path}) => `${method.padEnd(6)} ${shownPath(path)}`);
  const width = Math.max(...paths.map(path => path.length));
  const lines = routes.map(({does}, index) => `${(paths[index] ?? '').padEnd(width)}  ${does}`);
  return [title, '', ...lines, ''].join('\n');
}

/** Of a part of any length only the name. */
export const shownPath = (path: string): string => path.replaceAll(/\{(\w+)[+*]\}/g, '{$1}');

const NAME = /\{(\w+)[+*]?\}/g;

/** What is the same in all of an OpenAPI document. */
export type OpenApiOptions = {
  readonly title: string;
  readonly version: string;
  /** Schemas that are referred to by name. */
  readonly schemas: Readonly<Record<string, TSchema>>;
};

/** The rows as an OpenAPI 3.1 document. */
export function openApi(routes: readonly RouteEntry[], {title, version, schemas}: OpenApiOptions): object {
  const names = new Map<unknown, string>(Object.entries(schemas).map(([name, schema]) => [schema, name]));
  const paths = Map.groupBy(routes, ({path}) => shownPath(path));
  return {
    openapi: '3.1.0',
    info: {title, version},
    paths: Object.fromEntries(
      [...paths].map(([path, rows]) => [
        path,
        Object.fromEntries(rows.map(row => [row.method.toLowerCase(), operation(row, names)])),
      ]),
    ),
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, plain(schema, names, true)])),
    },
  };
}

function operation(row: RouteEntry, names: ReadonlyMap<unknown, string>): object {
  const {path, does, permission, query = {}, answers = ['application/json'], answer} = row;
  const inPath = [...path.matchAll(NAME)].map(([part, name]) => ({
    name,
    in: 'path',
    required: true,
    ...(/[+*]\}$/.test(part) && {description: 'Several segments, with their slashes.'}),
    schema: {type: 'string'},
  }));
  const inQuery = Object.entries(query).map(([name, description]) => ({
    name,
    in: 'query',
    description,
    schema: {type: 'string'},
  }));
  const schema = answer === undefined ? {} : plain(answer, names);
  const content = Object.fromEntries(answers.map(type => [type, {schema}]));
  return {
    summary: does,
    description: `Permission: ${permission}.`,
    ...(inPath.length + inQuery.length > 0 && {parameters: [...inPath, ...inQuery]}),
    ...(row.body.kind !== 'none' && {requestBody: {required: true, content: requestContent(row.body, names)}}),
    responses: {
      '2XX': {description: 'Done.', ...(answers.length > 0 && {content})},
      default: {description: 'Refused; the body says why.'},
    },
  };
}

function requestContent(body: Body, names: ReadonlyMap<unknown, string>): object {
  if (body.kind === 'form') {
    const properties = Object.entries(body.fields).map(([name, description]) => [name, {type: 'string', description}]);
    return {
      'application/x-www-form-urlencoded': {
        schema: {type: 'object', properties: Object.fromEntries(properties), required: Object.keys(body.fields)},
      },
    };
  }
  const schema = body.kind === 'json' && body.schema !== undefined ? plain(body.schema, names) : {};
  return Object.fromEntries(typesOf(body).map(type => [type, {schema}]));
}

/** Schemas that have a name become references, but for the outermost one with `whole`. */
function plain(schema: TSchema, names: ReadonlyMap<unknown, string>, whole = false): object {
  const text = JSON.stringify(schema, (_key, value: unknown) => {
    const name = whole && value === schema ? undefined : names.get(value);
    return name === undefined ? value : {$ref: `#/components/schemas/${name}`};
  });
  return JSON.parse(text);
}

/** What a caller with a permission may do, in a sentence. */
export const permissionText = (permission: Permission | 'by-call'): string =>
  permission === 'by-call' ? 'What the call needs.' : `May ${PERMISSIONS[permission]}.`;
