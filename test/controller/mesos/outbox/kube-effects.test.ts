import test from 'ava';
import type {Command} from '../../../../src/controller/mesos/core/commands.ts';
import {KubeEffects} from '../../../../src/controller/mesos/outbox/kube-effects.ts';
import {Outbox} from '../../../../src/controller/runtime/outbox.ts';
import {PERSISTENT_VOLUME_CLAIMS, PODS} from '../../../../src/kube/kinds.ts';
import {silentLogger} from '../../../../src/kube/log.ts';
import type {KubeClient, KubeError, KubeObject} from '../../../../src/kube/types.ts';
import {err, ok, type Result} from '../../../../src/lib/result.ts';
import {TestKube} from '../../../support/test-kube.ts';
import {settle, VirtualClock} from '../../../support/virtual-clock.ts';
import {launch, OPTIONS} from '../pods/fixtures.ts';

/** What the master hears when the API server refuses a pod. */
async function heardOf(error: KubeError): Promise<Command | undefined> {
  const heard: Command[] = [];
  const unused = () => Promise.resolve(err(error));
  const client = {create: unused} as Partial<KubeClient> as KubeClient;
  const outbox = new Outbox({clock: new VirtualClock(), random: () => 0.5, log: silentLogger, concurrency: 1});
  const effects = new KubeEffects({
    client,
    namespace: 'ns',
    outbox,
    post: command => heard.push(command),
    pods: OPTIONS,
  });
  void effects.createPod(launch());
  await settle();
  outbox.stop();
  return heard[0];
}

test('a launch that is withdrawn before its pod is asked for makes no pod', async t => {
  const heard: Command[] = [];
  const created: KubeObject[] = [];
  const create = (_kind: unknown, object: KubeObject) => Promise.resolve(ok(created.push(object)));
  const client = {create} as Partial<KubeClient> as KubeClient;
  const outbox = new Outbox({clock: new VirtualClock(), random: () => 0.5, log: silentLogger, concurrency: 1});
  const post = (command: Command) => heard.push(command);
  const effects = new KubeEffects({client, namespace: 'ns', outbox, post, pods: OPTIONS});
  const other = Promise.withResolvers<Result<undefined, KubeError>>();
  void outbox.write('another', () => other.promise); // the queue is busy
  const [first, second] = ['first', 'second'].map(id => ({...launch(), launchId: id}));
  if (first === undefined || second === undefined) return t.fail();
  for (const each of [first, second]) void effects.createPod(each);
  effects.withdraw(second);
  other.resolve(ok(undefined));
  await settle();
  effects.withdraw(first); // too late
  await settle();
  t.is(created.length, 1);
  t.like(heard, [{kind: 'launch-refused', launch: {launchId: 'second'}, state: 'TASK_DROPPED'}]);
  outbox.stop();
});

const STORED = {
  name: 'disk',
  type: 'SCALAR' as const,
  scalar: {value: 64},
  disk: {persistence: {id: 'v1'}, volume: {container_path: 'data', mode: 'RW' as const}},
};

test('the claim of a volume is made before the pod, is there for the next one, and goes with the volume', async t => {
  const kube = new TestKube();
  const outbox = new Outbox({clock: new VirtualClock(), random: () => 0.5, log: silentLogger, concurrency: 1});
  const heard: Command[] = [];
  const post = (command: Command) => heard.push(command);
  const effects = new KubeEffects({client: kube.client, namespace: 'default', outbox, post, pods: OPTIONS});
  const made = (id: string) => ({
    ...launch({resources: [STORED]}),
    ...{launchId: id, pod: {name: `pod-${id}`}},
  });
  const claims = () => kube.objects<KubeObject>(PERSISTENT_VOLUME_CLAIMS).map(({metadata}) => metadata.uid);
  await effects.createPod(made('first'));
  const [uid] = claims();
  await effects.createPod(made('second'));
  t.deepEqual([claims(), kube.objects(PODS).length, heard], [[uid], 2, []]);
  effects.destroyVolume({agentId: 'S0', role: '*', id: 'v1'});
  await settle();
  t.deepEqual(claims(), []);
  effects.destroyVolume({agentId: 'S0', role: '*', id: 'v1'}); // twice is once
  await settle();
  outbox.stop();
});

const refused = (status: number, reason: string, message: string): KubeError => ({
  kind: 'http',
  status,
  reason,
  message,
});

const rows = {
  'an invalid pod is an error of the task': [
    refused(422, 'Invalid', 'spec.containers[0].image: Required'),
    'TASK_ERROR',
  ],
  'so is one that Pod Security forbids': [
    refused(403, 'Forbidden', 'pods "x" is forbidden: violates PodSecurity "restricted:latest": privileged'),
    'TASK_ERROR',
  ],
  'beyond a quota: another time it may fit': [
    refused(403, 'Forbidden', 'pods "x" is forbidden: exceeded quota: small'),
    'TASK_FAILED',
  ],
} as const;
for (const [title, [error, state]] of Object.entries(rows)) {
  test(title, async t => {
    t.like(await heardOf(error), {
      kind: 'launch-refused',
      state,
      message: `Kubernetes refused the pod: ${error.message}`,
    });
  });
}
