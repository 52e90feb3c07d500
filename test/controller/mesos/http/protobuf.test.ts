import test from 'ava';
import {
  operatorCallSchema,
  type OperatorResponse,
  operatorResponseSchema,
} from '../../../../src/api/mesos/v1/operator.ts';
import {schedulerCallSchema, schedulerEventSchema} from '../../../../src/api/mesos/v1/scheduler.ts';
import {frameworkInfo} from '../../../support/scheduler-client.ts';
import {JSON_ENCODING, messages, PROTOBUF, readAnswer, send} from '../../../support/protobuf-client.ts';
import {TestKube} from '../../../support/test-kube.ts';
import {addAgent, testMaster} from '../../../support/test-master.ts';
import {VirtualClock} from '../../../support/virtual-clock.ts';

async function master() {
  const clock = new VirtualClock();
  const {client} = new TestKube({clock});
  await addAgent(client, clock, 'a1', 'cpus:4;mem:8192;ports:[31000-31100]');
  return testMaster({client, clock, argv: ['--cluster=lab']});
}

const ENCODINGS = {json: JSON_ENCODING, protobuf: PROTOBUF};

for (const [sent, as] of Object.entries(ENCODINGS)) {
  for (const [wanted, encoding] of Object.entries(ENCODINGS)) {
    test(`a framework that sends ${sent} and accepts ${wanted} gets its offer, and declines it`, async t => {
      const {url, close} = await master();
      t.teardown(close);
      const path = `${url}/api/v1/scheduler`;
      const subscribe = {type: 'SUBSCRIBE', subscribe: {framework_info: frameworkInfo('f')}} as const;
      const stream = await send(path, {schema: schedulerCallSchema, message: subscribe, as, accept: encoding.type});
      t.is(stream.status, 200);
      t.is(stream.headers.get('Content-Type'), encoding.type);
      const streamId = stream.headers.get('Mesos-Stream-Id') ?? '';
      let id = '';
      for await (const event of messages(stream, schedulerEventSchema, encoding)) {
        id = event.subscribed?.framework_id.value ?? id;
        const [offer] = event.offers?.offers ?? [];
        if (offer === undefined) continue;
        t.deepEqual(offer.resources?.find(({name}) => name === 'ports')?.ranges, {range: [{begin: 31000, end: 31100}]});
        const decline = {type: 'DECLINE', framework_id: {value: id}, decline: {offer_ids: [offer.id]}} as const;
        const headers = {'Mesos-Stream-Id': streamId};
        t.is((await send(path, {schema: schedulerCallSchema, message: decline, as, headers})).status, 202);
        const {get_frameworks} = await read(url, 'GET_FRAMEWORKS');
        t.is(get_frameworks?.frameworks?.[0]?.framework_info.id?.value, id);
        break;
      }
    });
  }
}

async function read(url: string, type: OperatorResponse['type'] & string): Promise<OperatorResponse> {
  const response = await send(`${url}/api/v1`, {schema: operatorCallSchema, message: {type}});
  return readAnswer(response, operatorResponseSchema);
}

const READS = [
  ...['GET_HEALTH', 'GET_FLAGS', 'GET_VERSION', 'GET_STATE', 'GET_AGENTS', 'GET_FRAMEWORKS', 'GET_EXECUTORS'],
  ...['GET_TASKS', 'GET_ROLES', 'GET_WEIGHTS', 'GET_MASTER', 'GET_MAINTENANCE_STATUS', 'GET_MAINTENANCE_SCHEDULE'],
  ...['GET_QUOTA', 'GET_OPERATIONS'],
] as OperatorResponse['type'][];

for (const type of READS) {
  test(`${type} says the same as protobuf as in JSON`, async t => {
    const {url, close} = await master();
    t.teardown(close);
    const call = {schema: operatorCallSchema, message: {type}};
    const json = await send(`${url}/api/v1`, {...call, as: JSON_ENCODING, accept: JSON_ENCODING.type});
    const protobuf = await send(`${url}/api/v1`, {...call, accept: PROTOBUF.type});
    t.is(protobuf.headers.get('Content-Type'), 'application/x-protobuf');
    const answer = await readAnswer(protobuf, operatorResponseSchema);
    t.is(answer.type, type);
    const again = JSON_ENCODING.encode(operatorResponseSchema, answer);
    t.deepEqual(JSON.parse(new TextDecoder().decode(again)), await json.json());
  });
}

test('an answer is JSON when both are accepted, or anything', async t => {
  const {url, close} = await master();
  t.teardown(close);
  for (const accept of ['application/x-protobuf, application/json', '*/*', 'application/*', 'application/json;q=0.1']) {
    const response = await send(`${url}/api/v1`, {schema: operatorCallSchema, message: {type: 'GET_HEALTH'}, accept});
    t.is(response.headers.get('Content-Type'), 'application/json', accept);
    await response.arrayBuffer();
  }
});

test('an acknowledgement with a uuid of 16 zero bytes is taken, one of 15 is not', async t => {
  const {url, close} = await master();
  t.teardown(close);
  const path = `${url}/api/v1/scheduler`;
  const subscribe = {type: 'SUBSCRIBE', subscribe: {framework_info: frameworkInfo('f')}} as const;
  const stream = await send(path, {schema: schedulerCallSchema, message: subscribe});
  for await (const {subscribed} of messages(stream, schedulerEventSchema)) {
    if (subscribed === undefined) continue;
    const headers = {'Mesos-Stream-Id': stream.headers.get('Mesos-Stream-Id') ?? ''};
    const statusOf = async (length: number, as = PROTOBUF) => {
      const uuid = Buffer.alloc(length).toString('base64');
      const acknowledge = {agent_id: {value: 'a'}, task_id: {value: 't'}, uuid};
      const message = {type: 'ACKNOWLEDGE', framework_id: subscribed.framework_id, acknowledge} as const;
      return (await send(path, {schema: schedulerCallSchema, message, as, headers})).status;
    };
    t.deepEqual(await Promise.all([16, 15, 0].map(length => statusOf(length))), [202, 400, 400]);
    t.is(await statusOf(16, JSON_ENCODING), 202);
    break;
  }
});
