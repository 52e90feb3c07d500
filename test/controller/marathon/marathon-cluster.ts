import {MARATHON_FLAGS} from '../../../src/controller/marathon/flags.ts';
import {createMarathon, type Marathon} from '../../../src/controller/marathon/marathon.ts';
import {MARATHON_APPS, type MarathonAppStatus} from '../../../src/crds/marathon-app.ts';
import {MARATHON_GROUPS} from '../../../src/crds/marathon-group.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import type {KubeObject} from '../../../src/kube/types.ts';
import type {Random} from '../../../src/lib/clock.ts';
import {parseFlags} from '../../../src/lib/flags.ts';
import {TestKube} from '../../support/test-kube.ts';
import {VirtualClock} from '../../support/virtual-clock.ts';
import {FakeMaster} from './fake-master.ts';
import {seededRandom} from './simulation.ts';

export type MarathonClusterOptions = {readonly argv?: readonly string[]; readonly random?: Random};

/** Marathon on the embedded API server, with a master that runs every task at once; only the test moves the clock. */
export class MarathonCluster {
  readonly clock = new VirtualClock();
  readonly kube = new TestKube({clock: this.clock});
  readonly master = new FakeMaster();
  readonly fatal: string[] = [];
  /** How often the state of the present Marathon was read anew. */
  rebuilds = 0;
  readonly #options: MarathonClusterOptions;
  marathon: Marathon;

  constructor(options: MarathonClusterOptions = {}) {
    this.#options = options;
    this.marathon = this.#make();
  }

  #make(): Marathon {
    const {argv = [], random = seededRandom(7)} = this.#options;
    const flags = parseFlags(MARATHON_FLAGS, {argv});
    if (!flags.ok) throw new Error(flags.error.join());
    this.rebuilds = 0;
    return createMarathon({
      client: this.kube.client,
      namespace: 'default',
      clock: this.clock,
      random,
      log: silentLogger,
      flags: flags.value,
      scheduler: this.master.scheduler,
      operator: this.master.operator,
      onRebuilt: () => void this.rebuilds++,
      onFatal: reason => void this.fatal.push(reason),
    });
  }

  async start(): Promise<void> {
    void this.marathon.start();
    await this.pass(2000);
  }

  /** The process is gone and another one leads. */
  async takeOver(): Promise<void> {
    await this.marathon.stop();
    this.marathon = this.#make();
    await this.start();
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      await this.clock.advanceAsync(Math.min(left, STEP_MS));
      this.master.beat();
      this.master.offer();
      await this.clock.advanceAsync(0);
    }
  }

  /** `kubectl create`. */
  create(name: string, spec: Readonly<Record<string, unknown>>): void {
    this.kube.create(MARATHON_APPS, {metadata: {name}, spec});
  }

  /** `kubectl create` of a MarathonGroup. */
  createGroup(name: string, spec: Readonly<Record<string, unknown>>): void {
    this.kube.create(MARATHON_GROUPS, {metadata: {name}, spec});
  }

  group(name: string): KubeObject | undefined {
    return this.kube.find(MARATHON_GROUPS, name);
  }

  object(name: string): KubeObject<unknown, MarathonAppStatus> | undefined {
    return this.kube.find(MARATHON_APPS, name);
  }

  condition(name: string, type: string) {
    return this.object(name)?.status?.conditions?.find(condition => condition.type === type);
  }
}

const STEP_MS = 500;
