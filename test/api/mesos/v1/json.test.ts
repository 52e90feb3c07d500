import test from 'ava';
import {decodeOperatorCall, decodeSchedulerCall} from '../../../../src/api/mesos/v1/calls.ts';
import {
  filtersSchema,
  frameworkInfoSchema,
  offerSchema,
  taskInfoSchema,
  taskStatusSchema,
} from '../../../../src/api/mesos/v1/common.ts';
import {commandInfoSchema} from '../../../../src/api/mesos/v1/container.ts';
import {decodeJson, encodeJson} from '../../../../src/api/mesos/v1/json.ts';
import {schedulerEventSchema} from '../../../../src/api/mesos/v1/scheduler.ts';
import type {SchedulerEvent} from '../../../../src/api/mesos/v1/scheduler.ts';

const FRAMEWORK = {user: 'root', name: 'f'};
const STATUS = {task_id: {value: 't'}, state: 'TASK_RUNNING'};
const OFFER = {id: {value: 'O'}, framework_id: {value: 'F'}, agent_id: {value: 'S'}, hostname: 'h'};
const TASK = {name: 'n', task_id: {value: 't'}, agent_id: {value: 'S'}};

const decoding = {
  'unknown fields are ignored': [frameworkInfoSchema, {...FRAMEWORK, colour: 'red'}, FRAMEWORK],
  'null is unset': [frameworkInfoSchema, {...FRAMEWORK, role: null}, FRAMEWORK],
  'an unknown enum name is unset': [taskStatusSchema, {...STATUS, reason: 'REASON_X'}, STATUS],
  'a number may be a string': [filtersSchema, {refuse_seconds: '1.5'}, {refuse_seconds: 1.5}],
  'a boolean may be a string': [commandInfoSchema, {shell: 'false'}, {shell: false}],
  'one object stands for a list': [
    offerSchema,
    {...OFFER, resources: {name: 'cpus', type: 'SCALAR', scalar: {value: 1}}},
    {...OFFER, resources: [{name: 'cpus', type: 'SCALAR', scalar: {value: 1}}]},
  ],
  'a double may be infinite': [
    taskInfoSchema,
    {...TASK, limits: {mem: {value: 'Infinity'}}},
    {...TASK, limits: {mem: {value: Number.POSITIVE_INFINITY}}},
  ],
  'a missing name in a list of capabilities leaves the type out': [
    frameworkInfoSchema,
    {...FRAMEWORK, capabilities: [{type: 'FLY'}]},
    {...FRAMEWORK, capabilities: [{}]},
  ],
} as const;
for (const [title, [schema, input, want]] of Object.entries(decoding)) {
  test(`decode: ${title}`, t => {
    t.deepEqual<unknown, unknown>(decodeJson(schema, input), {ok: true, value: want});
  });
}

const refused = {
  'a missing required field': [frameworkInfoSchema, {user: 'root'}, "Missing required field 'name'"],
  'a required enum with an unknown name': [
    taskStatusSchema,
    {...STATUS, state: 'TASK_DANCING'},
    "Missing required field 'state'",
  ],
  'a nested missing field is named with its path': [
    offerSchema,
    {...OFFER, resources: [{name: 'cpus'}]},
    "Missing required field 'resources[0].type'",
  ],
  'text where a number is wanted': [
    filtersSchema,
    {refuse_seconds: 'soon'},
    'Expected a number for \'refuse_seconds\', got "soon"',
  ],
  'a number where text is wanted': [frameworkInfoSchema, {user: 1, name: 'f'}, "Expected a string for 'user', got 1"],
  'a list at the top': [frameworkInfoSchema, [], "Expected an object for '', got a list"],
} as const;
for (const [title, [schema, input, want]] of Object.entries(refused)) {
  test(`refuse: ${title}`, t => {
    t.deepEqual<unknown, unknown>(decodeJson(schema, input), {ok: false, error: want});
  });
}

test('encode: scalars with a default are written even when unset, the deprecated role is not', t => {
  t.deepEqual<unknown, unknown>(encodeJson(frameworkInfoSchema, FRAMEWORK), {
    ...FRAMEWORK,
    failover_timeout: 0,
    checkpoint: false,
  });
});

test('encode: empty lists and maps are omitted, infinity is a string', t => {
  const task = {...TASK, resources: [], limits: {mem: {value: Number.POSITIVE_INFINITY}}};
  t.deepEqual<unknown, unknown>(encodeJson(taskInfoSchema, task), {...TASK, limits: {mem: {value: 'Infinity'}}});
});

test('encode: an event keeps only its own body', t => {
  const event: SchedulerEvent = {type: 'OFFERS', offers: {offers: [OFFER]}};
  t.deepEqual<unknown, unknown>(encodeJson(schedulerEventSchema, event), {type: 'OFFERS', offers: {offers: [OFFER]}});
});

const id = {framework_id: {value: 'F'}};
const calls = {
  'an empty object has no type': [{}, "Expecting 'type' to be present"],
  'an unknown type reads as none': [{type: 'DANCE'}, "Expecting 'type' to be present"],
  'DECLINE needs a framework id': [{type: 'DECLINE', decline: {}}, "Expecting 'framework_id' to be present"],
  'DECLINE needs its body': [{type: 'DECLINE', ...id}, "Expecting 'decline' to be present"],
  'SUBSCRIBE needs its body': [{type: 'SUBSCRIBE'}, "Expecting 'subscribe' to be present"],
  'SUBSCRIBE with two ids': [
    {type: 'SUBSCRIBE', ...id, subscribe: {framework_info: FRAMEWORK}},
    "'framework_id' differs from 'subscribe.framework_info.id'",
  ],
  'an acknowledgement with a short uuid': [
    {type: 'ACKNOWLEDGE', ...id, acknowledge: {agent_id: {value: 'S'}, task_id: {value: 't'}, uuid: 'AAAA'}},
    "Not a valid UUID: 'AAAA'",
  ],
  'UPDATE_FRAMEWORK of somebody else': [
    {type: 'UPDATE_FRAMEWORK', ...id, update_framework: {framework_info: {...FRAMEWORK, id: {value: 'G'}}}},
    "'framework_id' differs from 'update_framework.framework_info.id'",
  ],
} as const;
for (const [title, [call, want]] of Object.entries(calls)) {
  test(`call: ${title}`, t => {
    const message = `Failed to validate scheduler::Call: ${want}`;
    t.deepEqual<unknown, unknown>(decodeSchedulerCall(call), {ok: false, error: {kind: 'invalid', message}});
  });
}

test('call: TEARDOWN, REVIVE and SUPPRESS need no body', t => {
  for (const type of ['TEARDOWN', 'REVIVE', 'SUPPRESS']) t.true(decodeSchedulerCall({type, ...id}).ok);
});

test('call: broken structure is unparsable rather than invalid', t => {
  const decoded = decodeSchedulerCall({type: 'KILL', ...id, kill: {}});
  t.deepEqual(decoded, {ok: false, error: {kind: 'unparsable', message: "Missing required field 'kill.task_id'"}});
});

test('operator call: a read call needs only its type', t => {
  t.deepEqual(decodeOperatorCall({type: 'GET_TASKS'}), {ok: true, value: {type: 'GET_TASKS'}});
  t.false(decodeOperatorCall({type: 'TEARDOWN'}).ok);
});
