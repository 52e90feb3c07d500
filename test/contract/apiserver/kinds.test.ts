import {readdir, readFile} from 'node:fs/promises';
import test from 'ava';
import {parse} from 'yaml';
import {at, type Json, MERGE, NOT_CHECKED, TABLE, Target, untilStatus} from './target.ts';

// The project's own kinds, as they are shipped.
const CRDS = new URL('../../../deploy/crds/', import.meta.url);
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const GROUP = 'mesos.dev';

let target: Awaited<ReturnType<typeof Target.open>>;
let manifests: Json[];
test.before(async () => {
  target = await Target.open();
  const files = (await readdir(CRDS)).filter(file => file.endsWith('.yaml')).toSorted();
  manifests = await Promise.all(files.map(async file => parse(await readFile(new URL(file, CRDS), 'utf8'))));
  for (const manifest of manifests) {
    const made = await target.call('POST', `${DEFINITIONS}?fieldValidation=Strict`, manifest);
    if (made.status !== 201 && made.status !== 409) throw new Error(made.text);
    await untilStatus(target, `/apis/${GROUP}/v1/${String(at(manifest, 'spec', 'names', 'plural'))}`, 200);
  }
});
test.after.always(() => target.stop());

const pathOf = (namespace: string, plural: string, name = ''): string =>
  `/apis/${GROUP}/v1/namespaces/${namespace}/${plural}${name === '' ? '' : `/${name}`}`;
const object = (kind: string, spec: object, more: object = {}): object => ({
  apiVersion: `${GROUP}/v1`,
  kind,
  metadata: {name: 'a'},
  spec,
  ...more,
});

test('the definitions are accepted as they are, structural and without warnings', async t => {
  t.is(manifests.length, 6);
  for (const manifest of manifests) {
    const name = String(at(manifest, 'metadata', 'name'));
    const dry = await target.call('DELETE', `${DEFINITIONS}/${name}?dryRun=All`);
    t.is(dry.status, 200, name);
    const stored = await target.must('GET', `${DEFINITIONS}/${name}`);
    const conditions = at(stored, 'status', 'conditions');
    const types = Array.isArray(conditions) ? conditions.map(each => [each.type, each.status]) : [];
    t.deepEqual(
      types.toSorted(),
      [
        ['Established', 'True'],
        ['NamesAccepted', 'True'],
      ],
      name,
    );
    t.deepEqual(at(stored, 'spec', 'versions', 0, 'schema'), at(manifest, 'spec', 'versions', 0, 'schema'), name);
  }
});

const defaults = {
  'an app': {
    plural: 'marathonapps',
    given: object('MarathonApp', {cmd: 'sleep 1', portDefinitions: [{name: 'http'}], healthChecks: [{path: '/'}]}),
    want: {
      cmd: 'sleep 1',
      instances: 1,
      cpus: 1,
      mem: 128,
      disk: 0,
      gpus: 0,
      requirePorts: false,
      backoffSeconds: 1,
      backoffFactor: 1.15,
      maxLaunchDelaySeconds: 300,
      killSelection: 'YOUNGEST_FIRST',
      portDefinitions: [{name: 'http', port: 0, protocol: 'tcp'}],
      healthChecks: [
        {
          path: '/',
          protocol: 'HTTP',
          gracePeriodSeconds: 300,
          intervalSeconds: 60,
          timeoutSeconds: 20,
          maxConsecutiveFailures: 3,
          delaySeconds: 15,
          ignoreHttp1xx: false,
          ipProtocol: 'IPv4',
        },
      ],
    },
  },
  'a role without a field': {plural: 'mesosroles', given: object('MesosRole', {}), want: {}},
  'an agent': {
    plural: 'mesosagents',
    given: object('MesosAgent', {nodeName: 'n', hostname: 'h', resources: 'cpus:1', bogus: 1}),
    want: {nodeName: 'n', hostname: 'h', resources: 'cpus:1'},
  },
  'a framework, whose info is kept whole': {
    plural: 'mesosframeworks',
    given: object('MesosFramework', {frameworkInfo: {name: 'f', roles: ['*'], more: {still: null, deep: [1, 2.5]}}}),
    want: {frameworkInfo: {name: 'f', roles: ['*'], more: {still: null, deep: [1, 2.5]}}},
  },
};
for (const [title, {plural, given, want}] of Object.entries(defaults)) {
  test(`defaults: ${title}`, async t => {
    const namespace = await target.namespace();
    const made = await target.must('POST', pathOf(namespace, plural), given);
    t.deepEqual(made['spec'], want);
    t.deepEqual(await target.must('GET', pathOf(namespace, plural, 'a')), made);
  });
}

test('an env value may be a string or a reference', async t => {
  const namespace = await target.namespace();
  const env = {PLAIN: 'x', SECRET: {secret: 's'}};
  const made = await target.must('POST', pathOf(namespace, 'marathonapps'), object('MarathonApp', {cmd: 'run', env}));
  t.deepEqual(at(made, 'spec', 'env'), env);
});

const NO_COMMAND = "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.";
const APP = 'MarathonApp.mesos.dev "a" is invalid: ';
const refusals = {
  'cmd and args together': {
    plural: 'marathonapps',
    given: object('MarathonApp', {cmd: 'run', args: ['y']}),
    want: `${APP}spec: Invalid value: ${NO_COMMAND}`,
  },
  'nothing to run': {
    plural: 'marathonapps',
    given: object('MarathonApp', {}),
    want: `${APP}spec: Invalid value: ${NO_COMMAND}`,
  },
  'an empty command': {
    plural: 'marathonapps',
    given: object('MarathonApp', {cmd: ''}),
    want: `${APP}[spec.cmd: Invalid value: "": spec.cmd in body should be at least 1 chars long, spec: Invalid value: ${NO_COMMAND}]`,
  },
  'ports twice': {
    plural: 'marathonapps',
    given: object('MarathonApp', {cmd: 'run', ports: [0], portDefinitions: []}),
    want: `${APP}spec: Invalid value: cannot specify both ports and port definitions`,
  },
  'two rules': {
    plural: 'marathonapps',
    given: object('MarathonApp', {ports: [0], portDefinitions: []}),
    want: `${APP}[spec: Invalid value: ${NO_COMMAND}, spec: Invalid value: cannot specify both ports and port definitions]`,
  },
  'a fraction of an instance': {
    plural: 'marathonapps',
    given: object('MarathonApp', {cmd: 'run', instances: 1.5}),
    want: `${APP}[spec.instances: Invalid value: "number": spec.instances in body must be of type integer: "number", .spec.instances: Invalid value: 0: .spec.instances accessor error: 1.5 is of the type float64, expected int64, ${NOT_CHECKED}]`,
  },
  'an id with capitals': {
    plural: 'marathonapps',
    given: object('MarathonApp', {cmd: 'run', id: '/Web'}),
    want: `${APP}spec.id: Invalid value: "/Web": spec.id in body should match '^(/([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])([.]([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]))*)+$'`,
  },
  'a port outside the range': {
    plural: 'marathonapps',
    given: object('MarathonApp', {cmd: 'run', portDefinitions: [{port: 70000}]}),
    want: `${APP}spec.portDefinitions[0].port: Invalid value: 70000: spec.portDefinitions[0].port in body should be less than or equal to 65535`,
  },
  'a constraint of one word': {
    plural: 'marathonapps',
    given: object('MarathonApp', {cmd: 'run', constraints: [['hostname']]}),
    want: `${APP}spec.constraints[0]: Invalid value: 1: spec.constraints[0] in body should have at least 2 items`,
  },
  'a constraint of four words': {
    plural: 'marathonapps',
    given: object('MarathonApp', {cmd: 'run', constraints: [['hostname', 'LIKE', 'a', 'b']]}),
    want: `${APP}[spec.constraints[0]: Too many: 4: must have at most 3 items, ${NOT_CHECKED}]`,
  },
  'a docker container without its image': {
    plural: 'marathonapps',
    given: object('MarathonApp', {container: {type: 'DOCKER'}}),
    want: `${APP}spec.container: Invalid value: docker: not defined (a container of type DOCKER needs it)`,
  },
  'an unknown kill selection': {
    plural: 'marathonapps',
    given: object('MarathonApp', {cmd: 'run', killSelection: 'RANDOM'}),
    want: `${APP}[spec.killSelection: Unsupported value: "RANDOM": supported values: "YOUNGEST_FIRST", "OLDEST_FIRST", ${NOT_CHECKED}]`,
  },
  'a weight of nothing': {
    plural: 'mesosroles',
    given: object('MesosRole', {weight: 0}),
    want: 'MesosRole.mesos.dev "a" is invalid: spec.weight: Invalid value: 0: weight must be above 0',
  },
  'an agent without a node': {
    plural: 'mesosagents',
    given: object('MesosAgent', {hostname: 'h', resources: 'cpus:1'}),
    want: `MesosAgent.mesos.dev "a" is invalid: [spec.nodeName: Required value, ${NOT_CHECKED}]`,
  },
  'a name too long': {
    plural: 'mesosagents',
    given: object('MesosAgent', {nodeName: 'n'.repeat(254), hostname: 'h', resources: 'cpus:1'}),
    want: `MesosAgent.mesos.dev "a" is invalid: [spec.nodeName: Too long: may not be more than 253 bytes, ${NOT_CHECKED}]`,
  },
  'no spec': {
    plural: 'mesosframeworks',
    given: {apiVersion: 'mesos.dev/v1', kind: 'MesosFramework', metadata: {name: 'a'}},
    want: 'MesosFramework.mesos.dev "a" is invalid: spec: Required value',
  },
};
for (const [title, {plural, given, want}] of Object.entries(refusals)) {
  test(`refused: ${title}`, async t => {
    const namespace = await target.namespace();
    const answer = await target.call('POST', pathOf(namespace, plural), given);
    t.is(answer.body['message'], want);
    t.is(answer.status, 422);
    t.is((await target.call('GET', pathOf(namespace, plural, 'a'))).status, 404);
  });
}

test('every mistake is named, those of the form first', async t => {
  const namespace = await target.namespace();
  const spec = {cmd: 'run', args: ['y'], cpus: -1, instances: -2};
  const {body} = await target.call('POST', pathOf(namespace, 'marathonapps'), object('MarathonApp', spec));
  const causes = at(body, 'details', 'causes');
  const found = Array.isArray(causes) ? causes.map(({field, reason, message}) => `${field} ${reason} ${message}`) : [];
  // A real server goes through the fields in no order.
  t.deepEqual(found.slice(0, 2).toSorted(), [
    'spec.cpus FieldValueInvalid Invalid value: -1: spec.cpus in body should be greater than or equal to 0',
    'spec.instances FieldValueInvalid Invalid value: -2: spec.instances in body should be greater than or equal to 0',
  ]);
  t.deepEqual(found.slice(2), [
    '.spec.instances FieldValueInvalid Invalid value: -2: should be a non-negative integer',
    `spec FieldValueInvalid Invalid value: ${NO_COMMAND}`,
  ]);
});

const immutable = {
  'the id of an app': {
    plural: 'marathonapps',
    given: object('MarathonApp', {id: '/a', cmd: 'run'}),
    patch: {id: '/b'},
    want: `${APP}spec: Invalid value: id is immutable: create another MarathonApp for another id`,
  },
  'the id of an app that had none': {
    plural: 'marathonapps',
    given: object('MarathonApp', {cmd: 'run'}),
    patch: {id: '/b'},
    want: `${APP}spec: Invalid value: id is immutable: create another MarathonApp for another id`,
  },
  'the role of a role': {
    plural: 'mesosroles',
    given: object('MesosRole', {role: 'eng/ads'}),
    patch: {role: null},
    want: 'MesosRole.mesos.dev "a" is invalid: spec: Invalid value: role is immutable: create another MesosRole for another role',
  },
  'the node of an agent': {
    plural: 'mesosagents',
    given: object('MesosAgent', {nodeName: 'n', hostname: 'h', resources: 'cpus:1'}),
    patch: {nodeName: 'm'},
    want: 'MesosAgent.mesos.dev "a" is invalid: spec: Invalid value: nodeName is immutable: create another MesosAgent for another node',
  },
};
for (const [title, {plural, given, patch, want}] of Object.entries(immutable)) {
  test(`immutable: ${title}`, async t => {
    const namespace = await target.namespace();
    const made = await target.must('POST', pathOf(namespace, plural), given);
    const answer = await target.call('PATCH', pathOf(namespace, plural, 'a'), {spec: patch}, MERGE);
    t.is(answer.body['message'], want);
    t.deepEqual(await target.must('GET', pathOf(namespace, plural, 'a')), made);
  });
}

test('a status is checked too', async t => {
  const namespace = await target.namespace();
  await target.must('POST', pathOf(namespace, 'marathonapps'), object('MarathonApp', {cmd: 'run'}));
  const path = `${pathOf(namespace, 'marathonapps', 'a')}/status`;
  const condition = {
    type: 'Available',
    status: 'Maybe',
    lastTransitionTime: '2026-01-01T00:00:00Z',
    reason: 'R',
    message: '',
  };
  const unknown = await target.call('PATCH', path, {status: {conditions: [condition]}}, MERGE);
  t.is(
    unknown.body['message'],
    `${APP}[status.conditions[0].status: Unsupported value: "Maybe": supported values: "True", "False", "Unknown", ${NOT_CHECKED}]`,
  );
  const timeless = {...condition, status: 'True', lastTransitionTime: 'yesterday'};
  const wrong = await target.call('PATCH', path, {status: {conditions: [timeless]}}, MERGE);
  t.is(
    wrong.body['message'],
    `${APP}[status.conditions[0].lastTransitionTime: Invalid value: "yesterday": conditions[0].lastTransitionTime in body must be of type date-time: "yesterday", ${NOT_CHECKED}]`,
  );
});

test('the columns of an app', async t => {
  const namespace = await target.namespace();
  const path = pathOf(namespace, 'marathonapps');
  await target.must('POST', path, object('MarathonApp', {cmd: 'run', instances: 3}));
  const at2026 = {lastTransitionTime: '2026-01-01T00:00:00Z', message: 'so it is'};
  const conditions = [
    {type: 'Available', status: 'True', reason: 'Enough', ...at2026},
    {type: 'Progressing', status: 'False', reason: 'Settled', ...at2026},
  ];
  await target.must('PATCH', `${path}/a/status`, {status: {conditions, tasksRunning: 2, replicas: 2}}, MERGE);
  const table = await target.must('GET', path, undefined, TABLE);
  const columns = at(table, 'columnDefinitions');
  t.deepEqual(Array.isArray(columns) ? columns.map(each => [each.name, each.type, each.priority]) : columns, [
    ['Name', 'string', 0],
    ['App', 'string', 1],
    ['Instances', 'integer', 0],
    ['Running', 'integer', 0],
    ['Healthy', 'integer', 1],
    ['Available', 'string', 0],
    ['Status', 'string', 0],
    ['Message', 'string', 1],
    ['Version', 'string', 1],
    ['Age', 'date', 0],
  ]);
  const cells = at(table, 'rows', 0, 'cells');
  // A cell without a value is null.
  t.deepEqual(Array.isArray(cells) ? cells.slice(0, -1) : cells, [
    ...['a', null, 3, 2, null],
    ...['True', 'Settled', 'so it is', null],
  ]);
});

test('scale sets the instances', async t => {
  const namespace = await target.namespace();
  const path = pathOf(namespace, 'marathonapps');
  await target.must('POST', path, object('MarathonApp', {cmd: 'run'}));
  const scaled = await target.must('PATCH', `${path}/a/scale`, {spec: {replicas: 4}}, MERGE);
  t.deepEqual(scaled['spec'], {replicas: 4});
  t.is(at(await target.must('GET', `${path}/a`), 'spec', 'instances'), 4);
});
