import {parseResources} from '../allocator/text-form.ts';
import type {Resources} from '../allocator/resources.ts';
import type {Result} from '../lib/result.ts';
import type {Decoder} from '../lib/decoder.ts';
import {
  above0,
  anything,
  atLeast0,
  count,
  count1,
  decodeWith,
  duration,
  list,
  mapOf,
  maybe,
  needed,
  number,
  object,
  oneOf,
  optional,
  shown,
  text,
} from '../lib/decoder.ts';
import {type Distribution, distributionOf} from './distribution.ts';

/** Amounts by resource name, in cores and MiB. */
export type Amounts = ReadonlyMap<string, number>;

const resources: Decoder<Resources> = (value, path, issues) => {
  const parsed = typeof value === 'string' ? parseResources(value) : undefined;
  if (parsed?.ok === true && !parsed.value.isEmpty) return parsed.value;
  const want = parsed?.ok === false ? parsed.error.replace(/^resources: want /, '').replace(/, got .*/, '') : undefined;
  issues.push({path, want: want ?? 'resources such as cpus:8;mem:32768', got: shown(value)});
  return undefined;
};

const ROLE = /^(\*|[^/\s.*-][^/\s]*(\/[^/\s.*-][^/\s]*)*)$/;
const role: Decoder<string> = (value, path, issues) => {
  if (typeof value === 'string' && ROLE.test(value)) return value;
  issues.push({path, want: 'a role such as eng/ads', got: shown(value)});
  return undefined;
};

const durations: Decoder<Distribution> = distributionOf(duration);
const numbers: Decoder<Distribution> = distributionOf(above0);
const quantities = mapOf(atLeast0);
const sorter = oneOf('drf', 'random');

const agents = object({
  count: optional(count1, 1),
  name: optional(text, 'agent'),
  resources: needed(resources),
  attributes: optional(mapOf(text), new Map()),
  /** When they come and go; they stay if that is not said. */
  joinAt: optional(duration, 0),
  leaveAt: maybe(duration),
});

const roleSettings = object({
  weight: optional(above0, 1),
  guarantees: maybe(quantities),
  limits: maybe(quantities),
});

const framework = object({
  name: needed(text),
  role: needed(role),
  /** So many alike. */
  count: optional(count1, 1),
  startAt: optional(duration, 0),
  /** No job comes after it. */
  stopAt: maybe(duration),
  /** What a task uses: `cpus` and `mem`, and whatever else. */
  task: needed(quantities),
  /** How long a task runs. */
  lasts: needed(durations),
  /** Time from one job to the next. */
  arrivals: maybe(durations),
  tasksPerJob: optional(numbers, {kind: 'constant', value: 1} as Distribution),
  /** Jobs to come at most. */
  jobs: maybe(count),
  /** Tasks that wait from the beginning. */
  backlog: optional(count, 0),
  tasksPerOffer: maybe(count1),
  /** For how long what it does not use is not wanted. */
  refuse: optional(duration, 5000),
});

const app = object({
  at: optional(duration, 0),
  /** A Marathon app, new or changed. */
  app: maybe(anything),
  scale: maybe(object({id: needed(text), instances: needed(count)})),
  /** Id of an app that goes. */
  remove: maybe(text),
});

const workload = object({
  seed: optional(number('a whole number', Number.isInteger), 1),
  duration: needed(number0()),
  allocationInterval: optional(duration, 1000),
  roleSorter: optional(sorter, 'drf'),
  frameworkSorter: optional(sorter, 'drf'),
  agents: optional(list(agents), []),
  roles: optional(mapOf(roleSettings), new Map()),
  frameworks: optional(list(framework), []),
  apps: optional(list(app), []),
  /** How long a task of an app takes to start. */
  appStartup: optional(durations, {kind: 'constant', value: 1000} as Distribution),
  /** How long the tasks of a snapshot go on; for ever, if it is not said. */
  snapshotTasks: maybe(durations),
});

/** Longer than nothing. */
function number0(): Decoder<number> {
  return (value, path, issues) => {
    const ms = duration(value, path, issues);
    if (ms === 0) issues.push({path, want: 'a duration above 0', got: shown(value)});
    return ms;
  };
}

type Of<D> = D extends Decoder<infer T> ? T : never;
export type Workload = Of<typeof workload>;
export type AgentGroup = Of<typeof agents>;
export type FrameworkGroup = Of<typeof framework>;
export type AppChange = Of<typeof app>;

/**
 * Reads a workload from parsed YAML or JSON.
 *
 * @param withAgents whether agents come from elsewhere, too
 * @returns          all that is wrong: where, what was wanted and what was there
 */
export function decodeWorkload(value: unknown, withAgents: boolean): Result<Workload, readonly string[]> {
  return decodeWith((input, path, issues) => {
    const decoded = workload(input, path, issues);
    if (decoded === undefined || issues.length > 0) return decoded;
    const problem = (where: string, want: string, got: string): unknown => issues.push({path: where, want, got});
    if (decoded.agents.length === 0 && !withAgents) problem('agents', 'at least one group of agents', 'none');
    for (const [name, {guarantees, limits}] of decoded.roles) {
      if (!ROLE.test(name)) problem(`roles.${name}`, 'a role such as eng/ads', name);
      if ((guarantees ?? limits) !== undefined && name.includes('/')) {
        problem(`roles.${name}`, 'quota on top-level roles only', name);
      }
    }
    for (const [i, group] of decoded.frameworks.entries()) {
      const at = `frameworks[${i}]`;
      if (![...group.task.values()].some(amount => amount > 0)) problem(`${at}.task`, 'some amount above 0', 'nothing');
      if (group.arrivals === undefined && group.backlog === 0) problem(at, 'arrivals or backlog', 'neither');
    }
    for (const [i, {app: spec, scale, remove}] of decoded.apps.entries()) {
      const given = [spec, scale, remove].filter(one => one !== undefined).length;
      if (given !== 1) problem(`apps[${i}]`, 'one of app, scale and remove', String(given));
    }
    return decoded;
  }, value);
}
