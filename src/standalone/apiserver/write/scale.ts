import {err, ok, type Result} from '../../../lib/result.ts';
import type {Cluster} from '../cluster.ts';
import {type ApiError, conflict, internalError, invalid, MODIFIED} from '../errors.ts';
import {numberAt, setAt, stringAt} from '../fields.ts';
import type {Kind, ScalePaths} from '../kinds.ts';
import type {ApiObject} from '../object.ts';
import {cloneJson, type JsonObject} from '../schema/json.ts';
import {toView} from '../views.ts';
import type {Written} from './create.ts';
import type {WriteRequest} from './request.ts';
import {update} from './update.ts';

const segments = (path: string): readonly string[] => path.replace(/^\./, '').split('.');

/** The autoscaling/v1 Scale that an object shows. */
export function scaleOf(kind: Kind, object: ApiObject): Result<JsonObject, ApiError> {
  const paths = kind.scale;
  if (paths === undefined) return err(internalError(`${kind.plural} cannot be scaled`));
  const replicas = numberAt(object, ...segments(paths.specReplicasPath));
  if (replicas === undefined) {
    return err(internalError(`the spec replicas field "${paths.specReplicasPath}" does not exist`));
  }
  const {name, namespace, uid, resourceVersion, creationTimestamp} = object.metadata;
  return ok({
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace === undefined ? {} : {namespace}),
      uid: uid ?? '',
      resourceVersion: resourceVersion ?? '',
      creationTimestamp: creationTimestamp ?? null,
    },
    spec: {replicas},
    status: scaleStatus(paths, object),
  });
}

function scaleStatus(paths: ScalePaths, object: ApiObject): JsonObject {
  const selector =
    paths.labelSelectorPath === undefined ? undefined : stringAt(object, ...segments(paths.labelSelectorPath));
  return {
    replicas: numberAt(object, ...segments(paths.statusReplicasPath)) ?? 0,
    ...(selector === undefined || selector === '' ? {} : {selector}),
  };
}

/** Takes over `spec.replicas` of a Scale; everything else in it is ignored. */
export function writeScale(
  cluster: Cluster,
  request: WriteRequest,
  stored: ApiObject,
  scale: JsonObject,
): Result<Written, ApiError> {
  const {kind} = request;
  const replicas = numberAt(scale, 'spec', 'replicas') ?? 0;
  const scaleKind = {group: 'autoscaling', kind: 'Scale', plural: 'scales'};
  if (replicas < 0 || !Number.isInteger(replicas)) {
    const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
    return err(
      invalid(scaleKind, stored.metadata.name, [{reason: 'FieldValueInvalid', field: 'spec.replicas', message}]),
    );
  }
  const version = stringAt(scale, 'metadata', 'resourceVersion') ?? '';
  if (version !== '' && version !== stored.metadata.resourceVersion) {
    return err(conflict(kind, stored.metadata.name, MODIFIED));
  }
  const object = cloneJson<ApiObject>(toView(kind, stored));
  setAt(object, segments(kind.scale?.specReplicasPath ?? ''), replicas);
  return update(cluster, request, stored, {object, warnings: []});
}
