import type {MesosFramework} from '../../../../../crds/mesos-framework.ts';

type Status = NonNullable<MesosFramework['status']>;

/** A framework as the master knows it. Times are wall clock, milliseconds. */
export type FrameworkFacts = {
  readonly connected: boolean;
  /** Known from an earlier master and not back yet. */
  readonly recovered: boolean;
  readonly generation: number;
  readonly registeredMs: number;
  readonly reregisteredMs: number | undefined;
  readonly disconnectedMs: number | undefined;
  readonly failoverDeadlineMs: number | undefined;
  /** Not terminal. */
  readonly tasks: number;
  readonly offers: number;
  readonly used: ReadonlyMap<string, number>;
};

export type Connected = {
  readonly type: 'Connected';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
};

/** What the status should say; conditions are added where they are kept. */
export type FrameworkDecision = {readonly connected: Connected; readonly fields: Omit<Status, 'conditions'>};

const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString());

export function decideFramework(facts: FrameworkFacts): FrameworkDecision {
  return {
    connected: {type: 'Connected', ...connection(facts)},
    fields: {
      phase: facts.connected ? 'Active' : facts.recovered ? 'Recovered' : 'Disconnected',
      observedGeneration: facts.generation,
      registeredTime: iso(facts.registeredMs),
      reregisteredTime: iso(facts.reregisteredMs),
      disconnectedTime: iso(facts.disconnectedMs),
      failoverDeadline: iso(facts.failoverDeadlineMs),
      tasks: facts.tasks,
      offers: facts.offers,
      used: Object.fromEntries(facts.used),
    },
  };
}

function connection(facts: FrameworkFacts): Omit<Connected, 'type'> {
  if (facts.connected) return {status: 'True', reason: 'Subscribed', message: 'The scheduler is subscribed'};
  const until = facts.failoverDeadlineMs === undefined ? '' : ` It is removed at ${iso(facts.failoverDeadlineMs)}.`;
  if (facts.recovered) {
    const message = `The scheduler has not subscribed to this master yet; its tasks go on.${until}`;
    return {status: 'False', reason: 'Recovered', message};
  }
  return {
    status: 'False',
    reason: 'Disconnected',
    message: `The scheduler's event stream has ended; its tasks go on.${until}`,
  };
}
