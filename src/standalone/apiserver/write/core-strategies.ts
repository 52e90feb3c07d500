import {Buffer} from 'node:buffer';
import {objectsAt, valueAt} from '../fields.ts';
import {portCauses, required} from '../schema/cause.ts';
import {equalJson, isObject} from '../schema/json.ts';
import type {ApiObject} from '../object.ts';
import type {StatusCause} from '../schema/schema.ts';
import {dataCauses} from './config-data.ts';
import type {Strategy} from './strategy.ts';

export const namespaceStrategy: Strategy = {
  onCreate: namespace => {
    namespace['spec'] = {finalizers: ['kubernetes']};
    namespace['status'] = {phase: 'Active'};
    labelWithName(namespace);
  },
  onUpdate: (namespace, old) => {
    namespace['spec'] = old['spec'] ?? {};
    labelWithName(namespace);
  },
  onDelete: namespace => {
    namespace['status'] = {phase: 'Terminating'};
  },
};

function labelWithName({metadata}: ApiObject): void {
  metadata.labels = {...metadata.labels, 'kubernetes.io/metadata.name': metadata.name};
}

const immutableData =
  (...fields: readonly string[]) =>
  (object: ApiObject, old: ApiObject | undefined): readonly StatusCause[] => {
    if (old?.['immutable'] !== true) return [];
    return ['immutable', ...fields]
      .filter(field => !equalJson(object[field], old[field]))
      .map(field => ({
        reason: 'FieldValueForbidden',
        field,
        message: 'Forbidden: field is immutable when `immutable` is set',
      }));
  };

export const configMapStrategy: Strategy = {
  validate: (map, old) => [
    ...dataCauses(map, ['data', 'binaryData'], '[]'),
    ...immutableData('data', 'binaryData')(map, old),
  ],
};

export const secretStrategy: Strategy = {
  onCreate: secret => {
    encodeStringData(secret);
    secret['type'] ??= 'Opaque';
  },
  onUpdate: (secret, old) => {
    encodeStringData(secret);
    secret['type'] ??= old['type'] ?? 'Opaque';
  },
  validate: (secret, old) => [
    ...dataCauses(secret, ['data'], 'data'),
    ...immutableData('data')(secret, old),
    ...missingKeys(secret),
    ...(old === undefined || secret['type'] === old['type']
      ? []
      : [
          {
            reason: 'FieldValueInvalid' as const,
            field: 'type',
            message: `Invalid value: ${JSON.stringify(secret['type'])}: field is immutable`,
          },
        ]),
  ],
};

const NEEDED_KEYS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

const missingKeys = (secret: ApiObject): readonly StatusCause[] =>
  (NEEDED_KEYS[String(secret['type'])] ?? [])
    .filter(key => valueAt(secret, 'data', key) === undefined)
    .map(key => required(`data[${key}]`));

/** `stringData` is only ever written: it ends up in `data`. */
function encodeStringData(secret: ApiObject): void {
  const {stringData} = secret;
  delete secret['stringData'];
  if (!isObject(stringData)) return;
  const encoded = Object.entries(stringData).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ]);
  const data = valueAt(secret, 'data');
  secret['data'] = {...(isObject(data) ? data : {}), ...Object.fromEntries(encoded)};
}

export const serviceStrategy: Strategy = {
  validate: service =>
    objectsAt(service, 'spec', 'ports').flatMap(({port, targetPort}, index) => [
      ...portCauses(`spec.ports[${index}].port`, port),
      ...portCauses(`spec.ports[${index}].targetPort`, targetPort),
    ]),
  onCreate: service => {
    service['status'] = {loadBalancer: {}};
    if (!isObject(service['spec'])) return;
    service['spec']['type'] ??= 'ClusterIP';
    service['spec']['sessionAffinity'] ??= 'None';
    // Nothing here proxies: every service is what Kubernetes calls headless.
    for (const port of objectsAt(service, 'spec', 'ports')) port['targetPort'] ??= port['port'] ?? 0;
    if (service['spec']['type'] !== 'ExternalName') service['spec']['clusterIP'] ??= 'None';
  },
};
