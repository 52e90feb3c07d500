import test from 'ava';
import {residentChangeViolations, residentViolations} from '../../src/crds/resident-rules.ts';
import {spec} from '../controller/marathon/core/fixtures.ts';

const volume = (more: object = {}, persistent: object = {}) => ({
  container: {
    type: 'MESOS',
    volumes: [{containerPath: 'data', mode: 'RW', persistent: {size: 64, ...persistent}, ...more}],
  },
});
const told = (violations: readonly {path: string; errors: readonly string[]}[]): string[] =>
  violations.map(({path, errors}) => `${path}: ${errors.join()}`);

const alone: Record<string, {fields: Record<string, unknown>; want: string[]}> = {
  'a resident app of a role': {fields: volume(), want: []},
  'a resident app of no role': {
    fields: {...volume(), role: '*'},
    want: ['/role: Resident apps cannot have the role *'],
  },
  'an app without persistent volumes': {fields: {role: '*', unreachableStrategy: {}}, want: []},
  'only unreserved resources are taken': {
    fields: {...volume(), acceptedResourceRoles: ['dev']},
    want: ['/acceptedResourceRoles: A resident app must have acceptedResourceRoles = ["*"].'],
  },
  'an unreachable instance is not replaced': {
    fields: {...volume(), unreachableStrategy: {inactiveAfterSeconds: 1, expungeAfterSeconds: 1}},
    want: ['/unreachableStrategy: unreachableStrategy must be disabled for resident apps'],
  },
  'said explicitly': {fields: {...volume(), unreachableStrategy: 'disabled'}, want: []},
  'a path': {
    fields: volume({containerPath: 'a/b'}),
    want: ['/container/volumes(0)/containerPath: must not contain "/", nor be "." or ".."'],
  },
  'the parent': {
    fields: volume({containerPath: '..'}),
    want: ['/container/volumes(0)/containerPath: must not contain "/", nor be "." or ".."'],
  },
  'read-only': {
    fields: volume({mode: 'RO'}),
    want: ['/container/volumes(0)/mode: a persistent volume must be RW'],
  },
  'a disk of its own': {
    fields: volume({}, {type: 'mount', maxSize: 99}),
    want: [
      '/container/volumes(0)/persistent/type: agents here have no disks of their own: only root is supported',
      '/container/volumes(0)/persistent/maxSize: agents here have no disks of their own: it cannot be fulfilled',
    ],
  },
};
for (const [title, {fields, want}] of Object.entries(alone)) {
  test(`alone: ${title}`, t => {
    t.deepEqual(told(residentViolations(spec(fields), 'dev')), want);
  });
}

const OTHER_VOLUMES = ['/: Persistent volumes can not be changed!'];
const OTHER_NEEDS = [
  '/: Resident apps may not change resource requirements: make another app with the cpus, mem, disk, gpus and host ports that are wanted.',
];
const changes: Record<string, {before?: Record<string, unknown>; after: Record<string, unknown>; want: string[]}> = {
  'the command': {after: {...volume(), cmd: 'sleep 5'}, want: []},
  instances: {after: {...volume(), instances: 5}, want: []},
  'a volume': {after: volume({}, {size: 65}), want: OTHER_VOLUMES},
  'no volume': {after: {}, want: OTHER_VOLUMES},
  'a volume where there was none': {before: {}, after: volume(), want: OTHER_VOLUMES},
  cpus: {after: {...volume(), cpus: 2}, want: OTHER_NEEDS},
  'required ports': {after: {...volume(), requirePorts: true}, want: OTHER_NEEDS},
  'cpus of an app without': {before: {}, after: {cpus: 2}, want: []},
};
for (const [title, {before = volume(), after, want}] of Object.entries(changes)) {
  test(`changed: ${title}`, t => {
    t.deepEqual(told(residentChangeViolations(spec(before), spec(after))), want);
  });
}
