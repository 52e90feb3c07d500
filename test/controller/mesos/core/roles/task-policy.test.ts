import test from 'ava';
import {agentRecord, launchOf, OPTIONS, task, World} from '../world.ts';

/** The policy under which a task of role `eng` is launched. */
function policyAtLaunch(world: World) {
  const stream = world.subscribe({roles: ['eng'], capabilities: [{type: 'MULTI_ROLE'}]});
  world.allocate();
  world.accept('M-0000', world.takeOffers(stream), [launchOf(task('t', 'S0'))]);
  return world.launchOf('t').policy;
}

test('a task is launched under the policy of its role', t => {
  const world = new World();
  world.addAgent(agentRecord(0));
  world.wish({role: 'eng', tasks: {secrets: ['eng-*']}}, {role: 'ops', tasks: {privileged: false}});
  t.deepEqual(policyAtLaunch(world), {...OPTIONS.taskPolicy, secrets: ['eng-*']});
});

test('the policy of a role is in effect also where its quota is refused', t => {
  const world = new World();
  world.addAgent(agentRecord(0));
  const tooMuch = {guarantees: new Map([['cpus', 100]]), limits: new Map<string, number>()};
  world.wish({role: 'eng', quota: tooMuch, tasks: {privileged: false}});
  t.is(world.master.roleProblems.get('eng')?.reason, 'Overcommitted');
  t.deepEqual(policyAtLaunch(world), {...OPTIONS.taskPolicy, privileged: false});
});
