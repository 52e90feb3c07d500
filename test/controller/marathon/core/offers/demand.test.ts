import test from 'ava';
import type {Command} from '../../../../../src/controller/marathon/core/commands.ts';
import type {Effect} from '../../../../../src/controller/marathon/core/effects.ts';
import {wantedRoles} from '../../../../../src/controller/marathon/core/offers/demand.ts';
import {step} from '../../../../../src/controller/marathon/core/step.ts';
import {toAppObject} from '../../../../../src/controller/marathon/core/apps/app-object.ts';
import {SETTINGS, Simulation} from '../../simulation.ts';

const APP = {cmd: 'sleep 1000', cpus: 0.5, mem: 32, instances: 1};
const PAUSE = SETTINGS.minReviveOffersMs;

/** Marathon has subscribed, knows its tasks, and wants no offers. */
function idle(): Simulation {
  const sim = new Simulation({agents: 0});
  sim.connect();
  return sim;
}

/** What a command has Marathon tell the master about offers: `revive dev`. */
const told = (sim: Simulation, command: Command): readonly string[] =>
  step(sim.state, command, sim.nowMs, sim.random).flatMap(sentence);

function sentence(effect: Effect): string | readonly string[] {
  if (effect.kind === 'update-framework')
    return `roles ${effect.roles.join(' ')}, not ${effect.suppressedRoles.join(' ')}`;
  return effect.kind === 'revive' || effect.kind === 'suppress' ? `${effect.kind} ${effect.roles.join(' ')}` : [];
}

const seen = (name: string, fields: object = {}): Command => ({
  kind: 'app-seen',
  object: toAppObject(
    {
      apiVersion: 'mesos.dev/v1',
      kind: 'MarathonApp',
      metadata: {name, uid: name, generation: 1, creationTimestamp: '2026-01-01T00:00:00Z'},
      spec: {...APP, ...fields},
    },
    SETTINGS.defaults,
  ),
});

const TICK: Command = {kind: 'tick'};
const decline = (sim: Simulation, role = '*'): readonly string[] =>
  told(sim, {
    kind: 'offers',
    offers: [
      {
        id: {value: 'O'},
        framework_id: {value: 'f'},
        agent_id: {value: 'A'},
        hostname: 'a',
        allocation_info: {role},
        resources: [],
      },
    ],
  });

test('an app that has something to launch has its role revived', t => {
  const sim = idle();
  t.deepEqual(told(sim, seen('web')), ['revive *']);
});

test('a revive comes only when the least time since the last one is over', t => {
  const sim = idle();
  told(sim, seen('web'));
  decline(sim);
  sim.nowMs += PAUSE - 1;
  t.deepEqual(told(sim, seen('db')), []);
  sim.nowMs += 1;
  t.deepEqual(told(sim, TICK), ['revive *']);
  sim.nowMs += PAUSE - 1;
  decline(sim);
  t.deepEqual(told(sim, seen('third')), []);
});

test('while an app waits and nothing is new, nothing is asked for again', t => {
  const sim = idle();
  told(sim, seen('web'));
  for (let i = 0; i < 5; i++) {
    sim.nowMs += PAUSE;
    t.deepEqual([...decline(sim), ...told(sim, TICK)], []);
  }
});

test('more to launch is new only where offers are kept away', t => {
  const sim = idle();
  told(sim, seen('web'));
  sim.nowMs += PAUSE;
  t.deepEqual(told(sim, seen('db')), []);
  decline(sim);
  sim.nowMs += PAUSE;
  t.deepEqual(told(sim, TICK), [], 'what was new before the offer was tried on it');
  t.deepEqual(told(sim, seen('third')), ['revive *']);
});

test('a role that nobody waits under any more is suppressed, once', t => {
  const sim = idle();
  told(sim, seen('web'));
  t.deepEqual(told(sim, {kind: 'app-gone', name: 'web', uid: 'web'}), ['suppress *']);
  t.deepEqual(told(sim, TICK), []);
});

test('a new role is subscribed first, and revived then', t => {
  const sim = idle();
  t.deepEqual(told(sim, seen('web', {role: 'dev'})), ['roles * dev, not * dev', 'revive dev']);
});

test('a role that goes is subscribed no more', t => {
  const sim = idle();
  told(sim, seen('web', {role: 'dev'}));
  t.deepEqual(told(sim, {kind: 'app-gone', name: 'web', uid: 'web'}), ['roles *, not *']);
});

test('an app that moves to another role waits there, and no longer under the former one', t => {
  const sim = idle();
  told(sim, seen('web', {role: 'dev'}));
  sim.nowMs += PAUSE;
  const moved = seen('web', {role: 'ops', cmd: 'sleep 2000'});
  t.deepEqual(told(sim, moved), ['roles * ops, not * ops', 'revive ops']);
  t.is(sim.state.waiting.get('dev')?.size ?? 0, 0);
});

test('nothing is told while the stream is broken, or before the running tasks are known', t => {
  const broken = idle();
  told(broken, {kind: 'disconnected'});
  t.deepEqual(told(broken, seen('web')), []);
  const early = idle();
  early.state.ready = false;
  t.deepEqual(told(early, seen('web')), []);
  t.deepEqual(told(early, TICK), []);
});

test('a delay keeps an app from waiting for offers until its end', t => {
  const sim = idle();
  told(sim, seen('web'));
  const app = sim.app('web');
  t.is(sim.state.delayed.size, 0);
  app.delay = {failures: 1, delayMs: 1000, untilMs: sim.nowMs + 1000};
  told(sim, seen('web'));
  t.deepEqual([...sim.state.delayed], [['web', 'waiting']]);
  t.is(app.launchable, 0);
  sim.nowMs += PAUSE;
  t.deepEqual(told(sim, TICK), ['revive *']);
  t.deepEqual([...sim.state.delayed], [['web', 'passed']]);
  told(sim, {kind: 'app-gone', name: 'web', uid: 'web'});
  t.is(sim.state.delayed.size, 0);
});

test('what was learned about offers is forgotten when nothing waits any more', t => {
  const sim = idle();
  told(sim, seen('web', {cpus: 99}));
  decline(sim);
  t.is(sim.app('web').offerStats?.unused, 1);
  told(sim, seen('web', {instances: 0}));
  t.is(sim.app('web').offerStats, undefined);
});

test('before definitions are in force the roles of the objects are wanted', t => {
  const sim = new Simulation();
  told(sim, seen('web', {role: 'dev'}));
  t.deepEqual(wantedRoles(sim.state), ['*', 'dev']);
});
