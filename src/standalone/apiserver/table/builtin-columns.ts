import {isObject, type JsonObject, type JsonValue, memberOf, objectAt, stringAt} from '../schema/json.ts';
import {type Column, column} from './columns.ts';
import {ageOf} from './duration.ts';
import {listAt, podReady, podRestarts, podStatus, readinessGates} from './pod-cells.ts';

const at = (object: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined =>
  path.reduce<JsonValue | undefined>((value, key) => memberOf(value, key), object);

/** The text at a path; `<none>`-like words stand in for nothing. */
const text =
  (otherwise: string, ...path: readonly string[]) =>
  (object: JsonObject): string => {
    const found = at(object, ...path);
    return typeof found === 'string' && found !== '' ? found : otherwise;
  };

const WIDE = {priority: 1};
const INTEGER = {type: 'integer'};

export const NAME = column('Name', text('', 'metadata', 'name'), {
  format: 'name',
  description: 'Unique for its kind within the namespace.',
});
export const AGE = column('Age', (object, nowMs) => ageOf(at(object, 'metadata', 'creationTimestamp'), nowMs), {
  description: 'Time since the object was created.',
});

const count =
  (...keys: readonly string[]) =>
  (object: JsonObject): number =>
    keys.reduce((sum, key) => {
      const found = object[key];
      return sum + (isObject(found) || Array.isArray(found) ? Object.keys(found).length : 0);
    }, 0);

const joined = (values: readonly string[]): string => (values.length === 0 ? '<none>' : values.join(','));

const POD = [
  NAME,
  column('Ready', podReady),
  column('Status', podStatus),
  column('Restarts', podRestarts),
  AGE,
  column('IP', text('<none>', 'status', 'podIP'), WIDE),
  column('Node', text('<none>', 'spec', 'nodeName'), WIDE),
  column('Nominated Node', text('<none>', 'status', 'nominatedNodeName'), WIDE),
  column('Readiness Gates', readinessGates, WIDE),
];

function nodeStatus(node: JsonObject): string {
  const ready = listAt(node, 'status', 'conditions').find(({type}) => type === 'Ready');
  const words = [ready === undefined ? 'Unknown' : ready['status'] === 'True' ? 'Ready' : 'NotReady'];
  if (at(node, 'spec', 'unschedulable') === true) words.push('SchedulingDisabled');
  return words.join(',');
}

function nodeRoles(node: JsonObject): string {
  const prefix = 'node-role.kubernetes.io/';
  const labels = Object.keys(objectAt(objectAt(node, 'metadata'), 'labels') ?? {});
  return joined(
    labels
      .filter(label => label.startsWith(prefix))
      .map(label => label.slice(prefix.length))
      .sort(),
  );
}

const nodeAddress =
  (type: string) =>
  (node: JsonObject): string =>
    stringAt(
      listAt(node, 'status', 'addresses').find(address => address['type'] === type),
      'address',
    ) ?? '<none>';

const NODE = [
  NAME,
  column('Status', nodeStatus),
  column('Roles', nodeRoles),
  AGE,
  column('Version', text('', 'status', 'nodeInfo', 'kubeletVersion')),
  column('Internal-IP', nodeAddress('InternalIP'), WIDE),
  column('External-IP', nodeAddress('ExternalIP'), WIDE),
  column('OS-Image', text('<unknown>', 'status', 'nodeInfo', 'osImage'), WIDE),
  column('Kernel-Version', text('<unknown>', 'status', 'nodeInfo', 'kernelVersion'), WIDE),
  column('Container-Runtime', text('<unknown>', 'status', 'nodeInfo', 'containerRuntimeVersion'), WIDE),
];

/** Core and events.k8s.io spell the same things differently. */
const either = (event: JsonObject, ...names: readonly string[]): JsonValue | undefined =>
  names.map(name => event[name]).find(value => value !== undefined && value !== null && value !== '');

const firstSeen = (event: JsonObject): JsonValue | undefined =>
  either(event, 'firstTimestamp', 'deprecatedFirstTimestamp', 'eventTime');
const lastSeen = (event: JsonObject): JsonValue | undefined =>
  at(event, 'series', 'lastObservedTime') ??
  either(event, 'lastTimestamp', 'deprecatedLastTimestamp') ??
  firstSeen(event);

function eventObject(event: JsonObject): string {
  const involved = either(event, 'involvedObject', 'regarding');
  return `${(stringAt(involved, 'kind') ?? '').toLowerCase()}/${stringAt(involved, 'name') ?? ''}`;
}

function eventSource(event: JsonObject): string {
  const source = either(event, 'source', 'deprecatedSource');
  const parts = [
    stringAt(source, 'component') ?? stringAt(event, 'reportingComponent') ?? stringAt(event, 'reportingController'),
    stringAt(source, 'host') ?? stringAt(event, 'reportingInstance'),
  ];
  return parts.filter(part => part !== undefined && part !== '').join(', ');
}

const eventCount = (event: JsonObject): JsonValue =>
  at(event, 'series', 'count') ?? either(event, 'count', 'deprecatedCount') ?? 1;

const EVENT = [
  column('Last Seen', (event, nowMs) => ageOf(lastSeen(event), nowMs)),
  column('Type', text('', 'type')),
  column('Reason', text('', 'reason')),
  column('Object', eventObject),
  column('Subobject', event => stringAt(either(event, 'involvedObject', 'regarding'), 'fieldPath') ?? '', WIDE),
  column('Source', eventSource, WIDE),
  column('Message', event => String(either(event, 'message', 'note') ?? '').trim()),
  column('First Seen', (event, nowMs) => ageOf(firstSeen(event), nowMs), WIDE),
  column('Count', eventCount, {...INTEGER, ...WIDE}),
  {...NAME, ...WIDE},
];

function servicePorts(service: JsonObject): string {
  return joined(
    listAt(service, 'spec', 'ports').map(({port, nodePort, protocol}) => {
      const outside = typeof nodePort === 'number' && nodePort > 0 ? `:${nodePort}` : '';
      return `${String(port)}${outside}/${String(protocol ?? 'TCP')}`;
    }),
  );
}

function externalIps(service: JsonObject): string {
  const ips = at(service, 'spec', 'externalIPs');
  if (Array.isArray(ips) && ips.length > 0) return ips.map(String).join(',');
  if (at(service, 'spec', 'type') === 'ExternalName') return text('<none>', 'spec', 'externalName')(service);
  return at(service, 'spec', 'type') === 'LoadBalancer' ? '<pending>' : '<none>';
}

const SERVICE = [
  NAME,
  column('Type', text('ClusterIP', 'spec', 'type')),
  column('Cluster-IP', text('<none>', 'spec', 'clusterIP')),
  column('External-IP', externalIps),
  column('Port(s)', servicePorts),
  AGE,
  column(
    'Selector',
    service =>
      joined(
        Object.entries(objectAt(objectAt(service, 'spec'), 'selector') ?? {}).map(([k, v]) => `${k}=${String(v)}`),
      ),
    WIDE,
  ),
];

function endpointAddresses(endpoints: JsonObject): string {
  const all = listAt(endpoints, 'subsets').flatMap(subset => {
    const ports = listAt(subset, 'ports');
    return listAt(subset, 'addresses').flatMap(({ip}) =>
      ports.length === 0 ? [String(ip)] : ports.map(({port}) => `${String(ip)}:${String(port)}`),
    );
  });
  return all.length > 3 ? `${all.slice(0, 3).join(',')} + ${all.length - 3} more...` : joined(all);
}

function revisionController(revision: JsonObject): string {
  const owner = listAt(revision, 'metadata', 'ownerReferences').find(({controller}) => controller === true);
  if (owner === undefined) return '<none>';
  const [group] = (stringAt(owner, 'apiVersion') ?? '').split('/');
  const qualified = `${stringAt(owner, 'kind') ?? ''}${group?.includes('.') || group === 'apps' ? `.${group}` : ''}`;
  return `${qualified.toLowerCase()}/${stringAt(owner, 'name') ?? ''}`;
}

/** What `kubectl get` shows of the built-in kinds, by `group/Kind`. */
export const BUILTIN_COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  '/Pod': POD,
  '/Node': NODE,
  '/Event': EVENT,
  'events.k8s.io/Event': EVENT,
  '/Service': SERVICE,
  '/Namespace': [NAME, column('Status', text('', 'status', 'phase')), AGE],
  '/ConfigMap': [NAME, column('Data', count('data', 'binaryData'), INTEGER), AGE],
  '/Secret': [NAME, column('Type', text('', 'type')), column('Data', count('data'), INTEGER), AGE],
  '/ServiceAccount': [NAME, column('Secrets', count('secrets'), INTEGER), AGE],
  '/Endpoints': [NAME, column('Endpoints', endpointAddresses), AGE],
  'coordination.k8s.io/Lease': [NAME, column('Holder', text('', 'spec', 'holderIdentity')), AGE],
  'apps/ControllerRevision': [
    NAME,
    column('Controller', revisionController),
    column('Revision', revision => at(revision, 'revision') ?? 0, INTEGER),
    AGE,
  ],
  'apiextensions.k8s.io/CustomResourceDefinition': [
    NAME,
    column('Created At', text('', 'metadata', 'creationTimestamp'), {type: 'date'}),
  ],
};
