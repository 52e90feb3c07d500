import {createInformer} from '../../src/kube/informer.ts';
import {PODS} from '../../src/kube/kinds.ts';
import {silentLogger} from '../../src/kube/log.ts';
import {systemClock, systemRandom} from '../../src/kube/system-clock.ts';
import type {KubeClient, KubeObject} from '../../src/kube/types.ts';

/** Requests that a contender has made so far. */
export type Calls = {readonly all: number; readonly writes: number};

/** Something that brings up many equal pods. */
export type Contender = {
  readonly name: string;
  /** Which pods are its own. */
  readonly selector: string;
  readonly apply: (instances: number) => Promise<void>;
  readonly remove: () => Promise<void>;
  /** Called once all of them run. */
  readonly allRun?: () => Promise<void>;
  readonly calls: () => Promise<Calls>;
  /** Of all its processes. */
  readonly usage: () => Promise<Usage>;
};

/** Seconds of CPU so far, and memory in MB now. */
export type Usage = {readonly cpuSeconds: number; readonly rssMb: number};

export type Measured = {
  readonly contender: string;
  readonly round: number;
  /** From the call that created the object until the last pod was Running. */
  readonly seconds: number;
  readonly calls: number;
  readonly writes: number;
  readonly cpuSeconds: number;
  readonly rssMb: number;
  /** Of the API server, which works for both and for kwok. */
  readonly serverCpuSeconds: number;
};

const PATIENCE_MS = 600_000;

/** Applies, waits until all pods run, measures, and cleans up. */
export async function race(
  client: KubeClient,
  contender: Contender,
  server: () => Promise<Usage>,
  instances: number,
  round: number,
): Promise<Measured> {
  const pods = watchPods(client, contender.selector);
  try {
    await pods.until(({total}) => total === 0);
    const [callsBefore, usageBefore, serverBefore] = [await contender.calls(), await contender.usage(), await server()];
    const startedMs = performance.now();
    await contender.apply(instances);
    await pods.until(({running}) => running >= instances);
    const seconds = (performance.now() - startedMs) / 1000;
    const [serverAfter, callsAfter, usageAfter] = [await server(), await contender.calls(), await contender.usage()];
    await contender.allRun?.();
    await contender.remove();
    await pods.until(({total}) => total === 0);
    return {
      contender: contender.name,
      round,
      seconds,
      calls: callsAfter.all - callsBefore.all,
      writes: callsAfter.writes - callsBefore.writes,
      cpuSeconds: usageAfter.cpuSeconds - usageBefore.cpuSeconds,
      rssMb: usageAfter.rssMb,
      serverCpuSeconds: serverAfter.cpuSeconds - serverBefore.cpuSeconds,
    };
  } finally {
    pods.stop();
  }
}

type Counts = {readonly total: number; readonly running: number};

/** Counts the pods of a selector as they come, run and go. */
function watchPods(client: KubeClient, labelSelector: string) {
  const informer = createInformer<PodView>({
    client,
    kind: PODS,
    selector: {labelSelector},
    project: raw => ({phase: phaseOf(raw)}),
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
  });
  const counts = (): Counts => {
    const pods = informer.list();
    return {total: pods.length, running: pods.filter(({phase}) => phase === 'Running').length};
  };
  let look = (): void => {};
  informer.onEvent(() => look());
  informer.start();
  const until = async (holds: (counts: Counts) => boolean): Promise<void> => {
    await informer.synced();
    await new Promise<void>((resolve, reject) => {
      const timer = systemClock.after(PATIENCE_MS, () => reject(new Error(`not seen: ${JSON.stringify(counts())}`)));
      look = () => {
        if (!holds(counts())) return;
        timer.cancel();
        look = () => {};
        resolve();
      };
      look();
    });
  };
  return {until, stop: () => informer.stop()};
}

type PodView = {readonly phase: string};
const phaseOf = (raw: KubeObject): string => (raw as KubeObject<unknown, {phase?: string}>).status?.phase ?? '';
