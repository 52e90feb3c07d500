import {parseQuantity} from '../../../kube/quantity.ts';
import {objectAt, objectsAt, stringAt} from '../fields.ts';
import {nameProblems} from '../names.ts';
import type {ApiObject} from '../object.ts';
import {duplicate, invalid, notFound, notSupported, portCauses, required} from '../schema/cause.ts';
import type {JsonObject, JsonValue} from '../schema/json.ts';
import type {StatusCause} from '../schema/schema.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];

/** What is wrong with a pod's containers. Images are the node's affair: a process node runs commands without one. */
export function childrenCauses(pod: ApiObject): readonly StatusCause[] {
  const containers = objectsAt(pod, 'spec', 'containers');
  const causes: StatusCause[] = [];
  if (containers.length === 0) {
    causes.push(required('spec.containers'));
  }
  const policy = stringAt(pod, 'spec', 'restartPolicy') ?? '';
  if (containers.length > 0 && !RESTART_POLICIES.includes(policy)) {
    causes.push(notSupported('spec.restartPolicy', policy, RESTART_POLICIES));
  }
  objectsAt(pod, 'spec', 'volumes').forEach((volume, index) => {
    causes.push(...volumeCauses(volume, `spec.volumes[${index}]`));
  });
  const names = new Set<string>();
  const volumes = new Set(objectsAt(pod, 'spec', 'volumes').map(volume => stringAt(volume, 'name')));
  for (const list of ['initContainers', 'containers']) {
    objectsAt(pod, 'spec', list).forEach((container, index) => {
      const field = `spec.${list}[${index}]`;
      causes.push(...nameCauses(stringAt(container, 'name') ?? '', `${field}.name`, names));
      causes.push(...containerCauses(container, field, volumes));
    });
  }
  return causes;
}

function nameCauses(name: string, field: string, seen: Set<string>): readonly StatusCause[] {
  if (name === '') return [required(field)];
  if (seen.has(name)) return [duplicate(field, name)];
  seen.add(name);
  return nameProblems('dns1123-label', name).map(why => invalid(field, name, why));
}

function containerCauses(
  container: JsonObject,
  field: string,
  volumes: ReadonlySet<string | undefined>,
): readonly StatusCause[] {
  return [
    ...objectsAt(container, 'ports').flatMap(({containerPort, hostPort}, index) => [
      ...portCauses(`${field}.ports[${index}].containerPort`, containerPort),
      ...(hostPort === 0 ? [] : portCauses(`${field}.ports[${index}].hostPort`, hostPort)),
    ]),
    ...objectsAt(container, 'env').flatMap((variable, index) => envCauses(variable, `${field}.env[${index}].name`)),
    ...objectsAt(container, 'volumeMounts').flatMap((mount, index) => {
      const name = stringAt(mount, 'name') ?? '';
      const at = `${field}.volumeMounts[${index}]`;
      return [...(volumes.has(name) ? [] : [notFound(`${at}.name`, name)]), ...pathCauses(mount, at)];
    }),
    ...requestCauses(container, `${field}.resources.requests`),
  ];
}

/** As in Kubernetes: a part of a volume is a path down from its root. */
function pathCauses(mount: JsonObject, field: string): readonly StatusCause[] {
  const mountPath = stringAt(mount, 'mountPath') ?? '';
  return [
    ...(mountPath === '' ? [required(`${field}.mountPath`)] : []),
    ...['subPath', 'subPathExpr'].flatMap(name =>
      descendingPathCauses(stringAt(mount, name) ?? '', `${field}.${name}`),
    ),
  ];
}

function descendingPathCauses(path: string, field: string): readonly StatusCause[] {
  if (path.startsWith('/')) return [invalid(field, path, 'must be a relative path')];
  return path.split('/').includes('..') ? [invalid(field, path, "must not contain '..'")] : [];
}

function volumeCauses(volume: JsonObject, field: string): readonly StatusCause[] {
  const name = stringAt(volume, 'name') ?? '';
  const hostPath = stringAt(volume, 'hostPath', 'path') ?? '';
  return [
    ...(name === ''
      ? [required(`${field}.name`)]
      : nameProblems('dns1123-label', name).map(why => invalid(`${field}.name`, name, why))),
    ...(hostPath.split('/').includes('..')
      ? [invalid(`${field}.hostPath.path`, hostPath, "must not contain '..'")]
      : []),
  ];
}

function envCauses(variable: JsonObject, field: string): readonly StatusCause[] {
  const name = stringAt(variable, 'name') ?? '';
  if (name === '') return [required(field)];
  const why = "a valid environment variable name must consist only of printable ASCII characters other than '='";
  return /^[ -<>-~]+$/.test(name) ? [] : [invalid(field, name, why)];
}

function requestCauses(container: JsonObject, field: string): readonly StatusCause[] {
  const limits = objectAt(container, 'resources', 'limits') ?? {};
  return Object.entries(objectAt(container, 'resources', 'requests') ?? {}).flatMap(([name, request]) => {
    const limit = limits[name];
    if (limit === undefined || quantity(request) <= quantity(limit)) return [];
    return [invalid(field, request, `must be less than or equal to ${name} limit of ${String(limit)}`)];
  });
}

/** Its form was checked before. */
const quantity = (value: JsonValue): number =>
  (typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : undefined) ?? 0;
