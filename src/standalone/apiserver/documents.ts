import {err, ok, type Result} from '../../lib/result.ts';
import type {Cluster} from './cluster.ts';
import {aggregated, apiGroup, coreVersions, groupList, resourceList} from './discovery.ts';
import {type ApiError, noSuchPage, noSuchPath} from './errors.ts';
import {groupVersionPath, openApiDocument, openApiIndex} from './openapi/openapi.ts';
import {OPENAPI_V2, OPENAPI_V2_TYPE} from './openapi/v2.ts';
import {parseAccept} from './read/accept.ts';
import {bodyReply, jsonReply, type Reply, textReply} from './respond.ts';
import type {JsonObject} from './schema/json.ts';

/** Kubernetes whose semantics this server follows, with our suffix. */
const VERSION = {major: '1', minor: '35', gitVersion: 'v1.35.4+mesos-standalone'};

const versionDocument = (): JsonObject => ({
  ...VERSION,
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: 'none',
  compiler: 'none',
  platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
});

const HEALTH = new Set(['/healthz', '/livez', '/readyz']);

/** Paths that need no token. */
export const isPublic = (path: string): boolean => HEALTH.has(path);

/** Everything that is not an object: discovery, OpenAPI, version, health. Undefined: the path is about objects. */
export function readDocument(
  cluster: Cluster,
  path: string,
  segments: readonly string[],
  accept: string | undefined,
  serverAddress: string,
): Result<Reply, ApiError> | undefined {
  if (HEALTH.has(path)) return ok(textReply(200, 'ok'));
  const [root, ...rest] = segments;
  if (root === 'openapi') return openApi(cluster, segments);
  if ((root === 'api' && rest.length > 1) || (root === 'apis' && rest.length > 2)) return undefined;
  const form = parseAccept(accept, refusalOf(path, segments));
  const document = findDocument(cluster, path, segments, form.ok ? form.value.as : undefined, serverAddress, accept);
  if (document === undefined) return err(noSuchPage());
  if (form.ok) {
    const reply = bodyReply(form.value, 200, document);
    const isAggregated = form.value.as === 'APIGroupDiscoveryList' && document['kind'] === form.value.as;
    return ok(isAggregated ? {...reply, contentType: aggregatedType(form.value.version ?? '')} : reply);
  }
  return form;
}

function refusalOf(path: string, segments: readonly string[]): 'other' | 'json' | undefined {
  if (path === '/version') return 'json';
  return segments[0] === 'api' ? 'other' : undefined;
}

/** client-go looks at the parameters to tell what it got. */
const aggregatedType = (version: string): string =>
  `application/json;g=apidiscovery.k8s.io;v=${version.split('/')[1] ?? 'v2'};as=APIGroupDiscoveryList`;

function findDocument(
  {registry}: Cluster,
  path: string,
  segments: readonly string[],
  as: string | undefined,
  serverAddress: string,
  accept: string | undefined,
): JsonObject | undefined {
  const [root, group, version] = segments;
  if (path === '/version') return versionDocument();
  const wantsAll = as === 'APIGroupDiscoveryList';
  const aggregatedVersion =
    accept?.includes('v=v2;') === true ? 'apidiscovery.k8s.io/v2' : 'apidiscovery.k8s.io/v2beta1';
  if (root === undefined) return {paths: pathsOf({registry})};
  if (root === 'api') {
    if (group !== undefined) return resourceList(registry, '', group);
    return wantsAll ? aggregated(registry, 'api', aggregatedVersion) : coreVersions(serverAddress);
  }
  if (root !== 'apis') return undefined;
  if (group === undefined) return wantsAll ? aggregated(registry, 'apis', aggregatedVersion) : groupList(registry);
  return version === undefined ? apiGroup(registry, group) : resourceList(registry, group, version);
}

/** Version 3; of version 2 there is an empty document for clients that stop without one. */
function openApi({registry}: Cluster, [, format, ...path]: readonly string[]): Result<Reply, ApiError> {
  if (format === 'v2') return ok({status: 200, text: OPENAPI_V2, contentType: OPENAPI_V2_TYPE});
  if (format !== 'v3') return err(noSuchPath());
  if (path.length === 0) return ok(jsonReply(200, openApiIndex(registry.kinds())));
  const document = openApiDocument(path.join('/'), registry.kinds());
  if (document === undefined) return err(noSuchPath());
  return ok({status: 200, text: document.text, contentType: 'application/json'});
}

const pathsOf = ({registry}: Pick<Cluster, 'registry'>): string[] => [
  '/api',
  '/apis',
  ...new Set(registry.kinds().map(kind => `/${groupVersionPath(kind)}`)),
  ...HEALTH,
  '/openapi/v3',
  '/version',
];
