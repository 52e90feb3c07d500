import type {Attribute} from '../../../../src/api/mesos/v1/resources.ts';
import {agentFacts, type AgentFacts} from '../../../../src/controller/marathon/core/offers/agent-facts.ts';
import {normaliseApp, type AppDefinition} from '../../../../src/controller/marathon/core/apps/app.ts';
import {toAppId} from '../../../../src/controller/marathon/core/ids.ts';
import type {Instance} from '../../../../src/controller/marathon/core/instances/instance.ts';
import {newInstanceId, taskIdOf} from '../../../../src/controller/marathon/core/ids.ts';
import {decodeObject} from '../../../../src/crds/kind.ts';
import {MARATHON_APPS, type MarathonAppSpec} from '../../../../src/crds/marathon-app.ts';
import {seededRandom} from '../simulation.ts';

export function spec(fields: Record<string, unknown>): MarathonAppSpec {
  const raw = {apiVersion: '', kind: '', metadata: {name: 'x'}, spec: {cmd: 'sleep 1000', ...fields}};
  const decoded = decodeObject(MARATHON_APPS, raw);
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.error));
  return decoded.value.spec;
}

const DEFAULTS = {role: '*', acceptedResourceRoles: 'any'} as const;

export const normalise = (fields: Record<string, unknown>) =>
  normaliseApp(toAppId('/prod/web'), spec(fields), DEFAULTS);

export function app(fields: Record<string, unknown> = {}): AppDefinition {
  const normalised = normalise(fields);
  if (!normalised.ok) throw new Error(normalised.error);
  return normalised.value;
}

/** Attribute values that are numbers become scalars. */
export function agent(hostname: string, attributes: Record<string, string | number> = {}): AgentFacts {
  const list = Object.entries(attributes).map(([name, value]): Attribute =>
    typeof value === 'number' ? {name, type: 'SCALAR', scalar: {value}} : {name, type: 'TEXT', text: {value}},
  );
  return agentFacts({agentId: `id-${hostname}`, hostname, attributes: list});
}

const random = seededRandom(11);

/** A launched instance, `ageMs` old. */
export function instance(on: AgentFacts, condition: Instance['condition'] = 'Running', ageMs = 0): Instance {
  const id = newInstanceId(toAppId('/prod/web'), random);
  const task = {taskId: taskIdOf(id, 1), agent: on, role: '*', hostPorts: [], ipAddresses: [], stagedAtMs: 1e6 - ageMs};
  return {id, goal: 'Running', condition, sinceMs: 1e6 - ageMs, incarnation: 1, version: 'v', config: 'c', task};
}
