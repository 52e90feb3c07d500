import {objectAt, objectsAt, stringAt} from '../fields.ts';
import {cloneJson, equalJson, isObject, type JsonObject} from '../schema/json.ts';
import type {ApiObject} from '../object.ts';
import type {StatusCause} from '../schema/schema.ts';
import {childrenCauses} from './pod-containers.ts';
import type {Strategy} from './strategy.ts';

const SPEC_DEFAULTS: JsonObject = {
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  dnsPolicy: 'ClusterFirst',
  securityContext: {},
  schedulerName: 'default-scheduler',
  enableServiceLinks: true,
};

const CONTAINER_DEFAULTS: JsonObject = {
  resources: {},
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
};

const PROBE_DEFAULTS: JsonObject = {timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3};
const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'];

export const podStrategy: Strategy = {
  onCreate: pod => {
    const spec = objectAt(pod, 'spec');
    if (spec !== undefined) defaultSpec(spec);
    pod['status'] = {phase: 'Pending', qosClass: qosClass(pod)};
  },
  onUpdate: pod => {
    const spec = objectAt(pod, 'spec');
    if (spec !== undefined) defaultSpec(spec);
  },
  validate: (pod, old, subresource) =>
    subresource === 'status' || subresource === 'binding'
      ? []
      : [...childrenCauses(pod), ...specChangeCauses(pod, old)],
};

function defaultSpec(spec: JsonObject): void {
  setDefaults(spec, SPEC_DEFAULTS);
  const hostNetwork = spec['hostNetwork'] === true;
  for (const container of [...objectsAt(spec, 'containers'), ...objectsAt(spec, 'initContainers')]) {
    defaultContainer(container, hostNetwork);
  }
  for (const volume of objectsAt(spec, 'volumes')) {
    if (Object.keys(volume).length === 1) volume['emptyDir'] = {};
    for (const source of ['configMap', 'secret']) setDefaults(objectAt(volume, source), {defaultMode: 0o644});
    setDefaults(objectAt(volume, 'hostPath'), {type: ''});
  }
}

function defaultContainer(container: JsonObject, hostNetwork: boolean): void {
  setDefaults(container, CONTAINER_DEFAULTS);
  const image = stringAt(container, 'image') ?? '';
  const tag = /[:@](.*)/s.exec(image.slice(image.lastIndexOf('/') + 1))?.[1] ?? 'latest';
  container['imagePullPolicy'] ??= tag === 'latest' ? 'Always' : 'IfNotPresent';
  for (const port of objectsAt(container, 'ports')) {
    setDefaults(port, {protocol: 'TCP'});
    if (hostNetwork && port['containerPort'] !== undefined) port['hostPort'] ??= port['containerPort'];
  }
  for (const probe of PROBES.map(name => objectAt(container, name))) {
    setDefaults(probe, PROBE_DEFAULTS);
    setDefaults(objectAt(probe, 'httpGet'), {path: '/', scheme: 'HTTP'});
  }
  defaultRequests(container);
}

/** What is limited and not asked for is asked for up to its limit. */
function defaultRequests(container: JsonObject): void {
  const limits = objectAt(container, 'resources', 'limits');
  const resources = objectAt(container, 'resources');
  if (limits === undefined || resources === undefined) return;
  resources['requests'] = {...limits, ...objectAt(resources, 'requests')};
}

function setDefaults(object: JsonObject | undefined, defaults: JsonObject): void {
  if (object === undefined) return;
  for (const [field, value] of Object.entries(defaults)) object[field] ??= cloneJson(value);
}

/** Guaranteed: every container's cpu and memory requests equal its limits. BestEffort: nobody asks for anything. */
function qosClass(pod: ApiObject): string {
  const resources = objectsAt(pod, 'spec', 'containers').map(container => objectAt(container, 'resources') ?? {});
  const asked = resources.some(each => isAsking(each['requests']) || isAsking(each['limits']));
  if (!asked) return 'BestEffort';
  const guaranteed = resources.every(({requests, limits}) =>
    ['cpu', 'memory'].every(name => {
      const limit = isObject(limits) ? limits[name] : undefined;
      return limit !== undefined && isObject(requests) && requests[name] === limit;
    }),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

const isAsking = (amounts: unknown): boolean =>
  isObject(amounts) && (Object.hasOwn(amounts, 'cpu') || Object.hasOwn(amounts, 'memory'));

const FIXED_MESSAGE =
  'Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

function specChangeCauses(pod: ApiObject, old: ApiObject | undefined): readonly StatusCause[] {
  if (old === undefined || equalJson(fixedPart(pod), fixedPart(old))) return [];
  return [{reason: 'FieldValueForbidden', field: 'spec', message: FIXED_MESSAGE}];
}

/** The spec without what may change. */
function fixedPart(pod: ApiObject): JsonObject {
  const spec = cloneJson(objectAt(pod, 'spec') ?? {});
  delete spec['activeDeadlineSeconds'];
  delete spec['tolerations'];
  delete spec['terminationGracePeriodSeconds'];
  for (const container of [...objectsAt(spec, 'containers'), ...objectsAt(spec, 'initContainers')]) {
    delete container['image'];
  }
  return spec;
}
