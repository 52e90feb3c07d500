import test from 'ava';
import {step} from '../../../../src/controller/mesos/core/step.ts';
import type {Command} from '../../../../src/controller/mesos/core/commands.ts';
import {subjectOfAgent, subjectOfFramework, subjectOfLaunch} from '../../../../src/controller/mesos/core/subjects.ts';
import {toFrameworkId} from '../../../../src/allocator/ids.ts';
import {Blamed, type Subject} from '../../../../src/lib/blame.ts';
import {agentRecord, oneTask, World} from './world.ts';

// Work for all frameworks, agents and tasks at once: a throw names the one that it was for.

/** From now on whoever reads the field makes a mistake. */
const poison = (object: object, field: string): void => {
  Object.defineProperty(object, field, {
    get: () => {
      throw new Error('a mistake');
    },
  });
};

const framework = subjectOfFramework(toFrameworkId('M-0000'));
const agent = subjectOfAgent('agent-0');
const only = <T>(values: Iterable<T>): T => {
  const [first] = values;
  if (first === undefined) throw new Error('there is none');
  return first;
};

type Row = {
  readonly poison: (world: World) => void;
  readonly command: Command;
  readonly afterMs?: number;
  readonly want: (world: World) => Subject;
};

const maintenance: Command = {
  kind: 'maintenance',
  maintenance: {
    schedule: {windows: [{machine_ids: [{hostname: 'host-0'}], unavailability: {start: {nanoseconds: 1}}}]},
    down: [],
  },
};

const rows: Readonly<Record<string, Row>> = {
  'a framework that is to be removed': {
    poison: world => poison(world.framework('M-0000'), 'failoverDeadlineMs'),
    command: {kind: 'tick'},
    want: () => framework,
  },
  'an update that is sent again': {
    poison: world => {
      world.pod('t', 'TASK_RUNNING');
      poison(only(world.framework('M-0000').tasks.values()), 'updates');
    },
    command: {kind: 'tick'},
    afterMs: 20_000,
    want: world => subjectOfLaunch(world.launchOf('t')),
  },
  'a launch that takes too long': {
    poison: world => poison(only(world.framework('M-0000').tasks.values()), 'phase'),
    command: {kind: 'tick'},
    afterMs: 1e6,
    want: world => subjectOfLaunch(world.launchOf('t')),
  },
  'an agent that is drained': {
    poison: world => {
      world.seeAgent({...agentRecord(0), drain: {markGone: false}});
      poison(only(world.master.agents.values()), 'launches');
    },
    command: {kind: 'tick'},
    want: () => agent,
  },
  'an agent whose window changes': {
    poison: world => poison(only(world.master.agents.values()), 'offers'),
    command: maintenance,
    want: () => agent,
  },
  'a framework that gets offers': {
    poison: world => {
      world.addAgent(agentRecord(1));
      poison(world.framework('M-0000'), 'streamId');
    },
    command: {kind: 'allocate', periodic: true},
    want: () => framework,
  },
};
for (const [title, row] of Object.entries(rows)) {
  test(`a throw is blamed on ${title}`, t => {
    const {world} = oneTask();
    row.poison(world);
    const error = t.throws(() => step(world.master, row.command, world.nowMs + (row.afterMs ?? 0)), {
      instanceOf: Blamed,
    });
    t.deepEqual(error.subject, row.want(world));
  });
}

test('the region of the master is known to the allocator and to frameworks', t => {
  const world = new World();
  const domain = {fault_domain: {region: {name: 'r'}, zone: {name: 'z'}}};
  world.do({kind: 'domain', domain: {region: 'r', zone: 'z'}});
  const [subscribed] = world.take(world.subscribe());
  t.like(subscribed, {subscribed: {master_info: {domain}}});
});
