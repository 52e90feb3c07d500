import test from 'ava';
import {runFramework} from '../../examples/framework/scheduler.ts';
import {MESOS_FRAMEWORKS} from '../../src/crds/mesos-framework.ts';
import {PODS} from '../../src/kube/kinds.ts';
import type {KubeClient} from '../../src/kube/types.ts';
import {TestKube} from '../support/test-kube.ts';
import {addAgent, endDeletedPods, setPodState, testMaster} from '../support/test-master.ts';
import {VirtualClock} from '../support/virtual-clock.ts';

/**
 * Nodes that run every pod and end it with what `exitCode` says; a clock that runs as fast as it can.
 *
 * @returns how many pods there were
 */
async function live(
  kube: TestKube,
  clock: VirtualClock,
  exitCode: (podNumber: number) => number,
  isOver: () => boolean,
): Promise<number> {
  const numbers = new Map<string, number>();
  while (!isOver()) {
    for (const {metadata, status} of kube.objects(PODS)) {
      if (!numbers.has(metadata.name)) numbers.set(metadata.name, numbers.size);
      await advancePod(kube.client, metadata.name, status, exitCode(numbers.get(metadata.name) ?? 0));
    }
    await endDeletedPods(kube.client, kube.objects(PODS));
    await clock.advanceAsync(100);
  }
  return numbers.size;
}

async function advancePod(client: KubeClient, name: string, status: unknown, exitCode: number): Promise<void> {
  const phase = typeof status === 'object' && status !== null ? Reflect.get(status, 'phase') : undefined;
  if (phase === 'Pending') await setPodState(client, name);
  else if (phase === 'Running') await setPodState(client, name, exitCode);
}

const cases = {
  'runs ten commands and leaves': {exitCode: () => 0, pods: 10},
  'runs a command again that failed': {exitCode: (pod: number) => (pod === 3 ? 1 : 0), pods: 11},
};
for (const [title, {exitCode, pods}] of Object.entries(cases)) {
  test(`the example framework ${title}`, async t => {
    const clock = new VirtualClock();
    const kube = new TestKube({clock});
    await addAgent(kube.client, clock, 'a1', 'cpus:0.3;mem:8192'); // three at a time
    await addAgent(kube.client, clock, 'a2', 'cpus:0.2;mem:64'); // two at a time
    const master = await testMaster({client: kube.client, clock});
    t.teardown(master.close);
    let over = false;
    const running = runFramework({
      master: master.url,
      tasks: 10,
      command: 'true',
      role: '*',
      cpus: 0.1,
      mem: 32,
      print: () => {},
    }).finally(() => {
      over = true;
    });
    const seen = await live(kube, clock, exitCode, () => over);
    const result = await running;
    t.is(result.finished, 10);
    t.deepEqual([...result.hosts].sort(), ['a1.example', 'a2.example']);
    t.is(seen, pods);
    for (let turn = 0; turn < 5; turn++) await clock.advanceAsync(100);
    t.is(kube.objects(MESOS_FRAMEWORKS).length, 0);
  });
}
