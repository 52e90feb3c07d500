import test from 'ava';
import {asJson, listOf, Rest, type Json} from './rest.ts';

const cmd = 'sleep 1000';
const docker = {type: 'DOCKER', docker: {image: 'nginx'}};

const NEITHER = "/: AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.";
const TYPES = 'Invalid JSON';
const RULES = 'Object is not valid';

type Row = {readonly body: unknown; readonly message: string; readonly want: string | RegExp};

const rows: Record<string, Row> = {
  'no id': {body: {cmd}, message: TYPES, want: '/id: error.path.missing'},
  'an id that is a number': {body: {id: 5, cmd}, message: TYPES, want: '/id: error.expected.jsstring'},
  'an id with capitals and a blank': {body: {id: '/A b', cmd}, message: TYPES, want: '/id: error.pattern'},
  'an id that ends with -': {body: {id: 'a-', cmd}, message: TYPES, want: '/id: error.pattern'},
  'the root': {body: {id: '/', cmd}, message: RULES, want: '/id: Path must contain at least one path element'},
  'a path to the root': {body: {id: '/a/..', cmd}, message: RULES, want: /^[/]id: Path must contain/},
  'a reserved word': {body: {id: '/a/restart', cmd}, message: RULES, want: /^[/]id: .*restart, tasks, versions/},
  'an endless id': {
    body: {id: 'a'.repeat(1024), cmd},
    message: RULES,
    want: '/id: must have 1024 characters at most',
  },
  'an empty cmd': {body: {id: 'x', cmd: ''}, message: TYPES, want: '/cmd: error.minLength'},
  'negative instances': {body: {id: 'x', cmd, instances: -1}, message: TYPES, want: '/instances: error.min'},
  'half an instance': {body: {id: 'x', cmd, instances: 1.5}, message: TYPES, want: '/instances: error.expected.int'},
  'negative cpus': {body: {id: 'x', cmd, cpus: -1}, message: TYPES, want: '/cpus: error.min'},
  'an unknown kill selection': {
    body: {id: 'x', cmd, killSelection: 'X'},
    message: TYPES,
    want: '/killSelection: error.unknown.enum.literal',
  },
  'a capacity above 1': {
    body: {id: 'x', cmd, upgradeStrategy: {minimumHealthCapacity: 1.2}},
    message: TYPES,
    want: '/upgradeStrategy/minimumHealthCapacity: error.max',
  },
  'types hide rules': {body: {id: 'x', cmd, args: ['a'], cpus: -1}, message: TYPES, want: '/cpus: error.min'},
  'only an id': {body: {id: 'x'}, message: RULES, want: NEITHER},
  'cmd and args': {body: {id: 'x', cmd, args: ['a']}, message: RULES, want: NEITHER},
  'DOCKER without docker': {
    body: {id: 'x', cmd, container: {type: 'DOCKER'}},
    message: RULES,
    want: '/container/docker: not defined',
  },
  'docker.network and networks': {
    body: {id: 'x', networks: [], container: {docker: {image: 'x', network: 'HOST'}}},
    message: RULES,
    want: '/: cannot specify both container.docker.network and networks',
  },
  'ports and portDefinitions': {
    body: {id: 'x', cmd, ports: [1], portDefinitions: []},
    message: RULES,
    want: '/: cannot specify both ports and port definitions',
  },
  'two definitions of port 8080': {
    body: {id: 'x', cmd, portDefinitions: [{port: 8080}, {port: 8080}]},
    message: RULES,
    want: '/portDefinitions: Ports must be unique.',
  },
  'a port name twice': {
    body: {id: 'x', cmd, portDefinitions: [{name: 'a'}, {name: 'a'}]},
    message: RULES,
    want: '/portDefinitions: Port names must be unique.',
  },
  'a resident app with over-capacity': {
    body: {
      id: 'dev/x',
      role: 'dev',
      cmd,
      upgradeStrategy: {maximumOverCapacity: 1},
      container: {type: 'MESOS', volumes: [{containerPath: 'd', mode: 'RW', persistent: {size: 1}}]},
    },
    message: RULES,
    want: '/upgradeStrategy/maximumOverCapacity: got 1.0, expected 0.0',
  },
  'a wrong role': {
    body: {id: 'dev/x', cmd, role: 'anotherRole'},
    message: RULES,
    want: '/role: got anotherRole, expected one of: [*, dev]',
  },
  'a mem limit below the request': {
    body: {id: 'x', cmd, mem: 256, resourceLimits: {mem: 128}},
    message: RULES,
    want: '/resourceLimits/mem: resource limit must be greater than or equal to requested resource (256.0)',
  },
  'a limit of Infinity': {
    body: {id: 'x', cmd, resourceLimits: {cpus: 'Infinity'}},
    message: RULES,
    want: /^[/]resourceLimits[/]cpus: must be "unlimited" or a number/,
  },
  'gpus with docker': {
    body: {id: 'x', container: docker, gpus: 1},
    message: RULES,
    want: '/: GPU resources only work with the Mesos containerizer',
  },
  'an undeclared secret': {
    body: {id: 'x', cmd, env: {PW: {secret: 'db'}}},
    message: RULES,
    want: '/env/PW/secret: references an undefined secret',
  },
  'a bad executor': {
    body: {id: 'x', cmd, executor: '/a//b'},
    message: RULES,
    want: /^[/]executor: must fully match regular expression/,
  },
  'check with docker': {
    body: {id: 'x', container: docker, check: {exec: {command: {shell: 'true'}}}},
    message: RULES,
    want: "/: AppDefinition must not use 'checks' if using docker",
  },
  'roles that are not its own': {
    body: {id: 'x', cmd, acceptedResourceRoles: ['dev']},
    message: RULES,
    want: '/acceptedResourceRoles: acceptedResourceRoles can only contain *',
  },
  'itself as a dependency': {
    body: {id: 'x', cmd, dependencies: ['/x']},
    message: RULES,
    want: '/: Dependency graph has cyclic dependencies.',
  },
  'a dependency that is no path': {
    body: {id: 'x', cmd, dependencies: ['/y', 'A b']},
    message: TYPES,
    want: '/dependencies(1): error.pattern',
  },
  'uris that are no list': {body: {id: 'x', cmd, uris: 'y'}, message: TYPES, want: '/uris: error.expected.jsarray'},
  'a list': {body: [{id: 'x', cmd}], message: TYPES, want: '/: error.expected.jsobject'},
};

const shared = new Rest();
const teardowns: (() => unknown)[] = [];
test.before(async () => {
  await shared.start({teardown: fn => void teardowns.push(fn)});
});
test.after.always(async () => {
  for (const fn of teardowns) await fn();
});

for (const [title, {body, message, want}] of Object.entries(rows)) {
  test.serial(`422: ${title}`, async t => {
    const answer = await shared.ask('POST', '/v2/apps', {body});
    t.is(answer.status, 422);
    t.is(answer.body['message'], message);
    const [first = {}] = listOf(answer.body, 'details');
    const text = `${String(first['path'])}: ${[first['errors']].flat().join('; ')}`;
    if (typeof want === 'string') t.is(text, want);
    else t.regex(text, want);
    t.deepEqual((await shared.must('GET', '/v2/apps'))['apps'], []);
  });
}

test.serial('all violations are told, those of one path together', async t => {
  const body = {cmd: 5, cpus: -1, instances: 1.5};
  const answer = await shared.ask('POST', '/v2/apps', {body});
  t.deepEqual(answer.body['details'], [
    {path: '/id', errors: ['error.path.missing']},
    {path: '/cmd', errors: ['error.expected.jsstring']},
    {path: '/cpus', errors: ['error.min']},
    {path: '/instances', errors: ['error.expected.int']},
  ]);
});

const broken: Record<string, {raw: string; message: string}> = {
  'text that is no JSON': {raw: '{"id":', message: 'Invalid JSON'},
  'an empty body': {raw: '', message: 'Please specify data in JSON format'},
  'a blank body': {raw: ' \n', message: 'Please specify data in JSON format'},
};
for (const [title, {raw, message}] of Object.entries(broken)) {
  test.serial(`400: ${title}`, async t => {
    const answer = await shared.ask('POST', '/v2/apps', {raw, headers: {'content-type': 'application/json'}});
    t.is(answer.status, 400);
    t.is(answer.body['message'], message);
    t.is(typeof answer.body['details'], 'string');
  });
}

const missing: Record<string, {method: string; path: string; body?: Json}> = {
  GET: {method: 'GET', path: '/v2/apps/none'},
  DELETE: {method: 'DELETE', path: '/v2/apps/none'},
  PATCH: {method: 'PATCH', path: '/v2/apps/none', body: {instances: 2}},
  'PUT to an older version': {method: 'PUT', path: '/v2/apps/none', body: {version: '2020-01-01T00:00:00.000Z'}},
  restart: {method: 'POST', path: '/v2/apps/none/restart'},
  tasks: {method: 'GET', path: '/v2/apps/none/tasks'},
  'a kill': {method: 'DELETE', path: '/v2/apps/none/tasks/x'},
};
for (const [title, {method, path, body}] of Object.entries(missing)) {
  test.serial(`404: ${title}`, async t => {
    const answer = await shared.ask(method, path, {body});
    t.is(answer.status, 404);
    t.regex(String(answer.body['message']), /^App '[/]none' does not exist/);
    t.deepEqual(answer.body['details'], []);
  });
}

test.serial('422: an id in the URL is checked where it would be created', async t => {
  const answer = await shared.ask('PUT', '/v2/apps/A%20b', {body: {cmd}});
  t.is(answer.status, 422);
  t.is(asJson(listOf(answer.body, 'details')[0])['path'], '/id');
  t.is((await shared.ask('GET', '/v2/apps/A%20b')).status, 404);
});
