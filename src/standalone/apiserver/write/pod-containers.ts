import {objectAt, objectsAt, stringAt} from '../fields.ts';
import {nameProblems} from '../names.ts';
import type {ApiObject} from '../object.ts';
import type {JsonObject, JsonValue} from '../schema/json.ts';
import type {StatusCause} from '../schema/schema.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];

/** What is wrong with a pod's containers. Images are the node's affair: a process node runs commands without one. */
export function childrenCauses(pod: ApiObject): readonly StatusCause[] {
  const containers = objectsAt(pod, 'spec', 'containers');
  const causes: StatusCause[] = [];
  if (containers.length === 0) {
    causes.push({reason: 'FieldValueRequired', field: 'spec.containers', message: 'Required value'});
  }
  const policy = stringAt(pod, 'spec', 'restartPolicy') ?? '';
  if (containers.length > 0 && !RESTART_POLICIES.includes(policy)) {
    const supported = RESTART_POLICIES.map(known => JSON.stringify(known)).join(', ');
    const message = `Unsupported value: ${JSON.stringify(policy)}: supported values: ${supported}`;
    causes.push({reason: 'FieldValueNotSupported', field: 'spec.restartPolicy', message});
  }
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
  if (name === '') return [{reason: 'FieldValueRequired', field, message: 'Required value'}];
  if (seen.has(name))
    return [{reason: 'FieldValueDuplicate', field, message: `Duplicate value: ${JSON.stringify(name)}`}];
  seen.add(name);
  return nameProblems('dns1123-label', name).map(why => ({
    reason: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${JSON.stringify(name)}: ${why}`,
  }));
}

function containerCauses(
  container: JsonObject,
  field: string,
  volumes: ReadonlySet<string | undefined>,
): readonly StatusCause[] {
  return [
    ...objectsAt(container, 'ports').flatMap((port, index) => portCauses(port, `${field}.ports[${index}]`)),
    ...objectsAt(container, 'env').flatMap((variable, index) => envCauses(variable, `${field}.env[${index}].name`)),
    ...objectsAt(container, 'volumeMounts').flatMap((mount, index) => {
      const name = stringAt(mount, 'name') ?? '';
      if (volumes.has(name)) return [];
      const message = `Not found: ${JSON.stringify(name)}`;
      return [{reason: 'FieldValueNotFound' as const, field: `${field}.volumeMounts[${index}].name`, message}];
    }),
    ...requestCauses(container, `${field}.resources.requests`),
  ];
}

function portCauses(port: JsonObject, field: string): readonly StatusCause[] {
  return ['containerPort', 'hostPort'].flatMap(name => {
    const number = port[name];
    if (typeof number !== 'number' || (name === 'hostPort' && number === 0)) return [];
    const why = 'must be between 1 and 65535, inclusive';
    return number >= 1 && number <= 65_535 ? [] : [invalid(`${field}.${name}`, number, why)];
  });
}

function envCauses(variable: JsonObject, field: string): readonly StatusCause[] {
  const name = stringAt(variable, 'name') ?? '';
  if (name === '') return [{reason: 'FieldValueRequired', field, message: 'Required value'}];
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

const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** `1500m`, `64Mi`, `1e3`: the number it means. Its form was checked before. */
function quantity(value: JsonValue): number {
  const [, number = '0', unit = ''] = /^([+-]?[0-9.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(String(value)) ?? [];
  return Number(number) * (FACTORS[unit] ?? 1);
}

const invalid = (field: string, value: JsonValue, why: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
});
