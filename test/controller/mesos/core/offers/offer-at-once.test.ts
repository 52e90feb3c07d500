import test from 'ava';
import {agentRecord, launchOf, task, World} from '../world.ts';

/** Two frameworks, and an agent all of which the first was offered. */
function offered(atOnce: boolean) {
  const world = new World({offerFreedAtOnce: atOnce});
  const f = world.subscribe({roles: ['f'], capabilities: [{type: 'MULTI_ROLE'}]});
  world.addAgent(agentRecord(1, 'cpus:4;mem:1024'));
  world.do({kind: 'allocate', periodic: false});
  const g = world.subscribe({name: 'g', roles: ['g'], capabilities: [{type: 'MULTI_ROLE'}]});
  world.do({kind: 'allocate', periodic: false});
  return {world, f, g, offers: world.takeOffers(f)};
}

/** An event run as the shell makes it, if one was asked for. */
function events(world: World): void {
  if (world.master.allocator.runPending()) world.do({kind: 'allocate', periodic: false});
}

for (const atOnce of [true, false]) {
  const when = atOnce ? 'at once' : 'in the next periodic run';

  test(`what a partly used offer leaves goes to others ${when}`, t => {
    const {world, f, g, offers} = offered(atOnce);
    world.accept('M-0000', offers, [launchOf(task('t', 'S1'))]);
    events(world);
    t.is(world.takeOffers(g).length, atOnce ? 1 : 0);
    world.do({kind: 'allocate', periodic: true});
    t.is(world.takeOffers(g).length, atOnce ? 0 : 1);
    t.is(world.takeOffers(f).length, 0);
  });

  test(`what an ended task had is offered ${when}`, t => {
    const {world, f, g, offers} = offered(atOnce);
    world.accept('M-0000', offers, [launchOf(task('t', 'S1', {resources: offers[0]?.resources}))]);
    const [launch] = world.launched;
    if (launch === undefined) return t.fail();
    world.seePod(launch, {state: 'TASK_FINISHED', source: 'SOURCE_EXECUTOR'});
    events(world);
    t.is(world.takeOffers(f).length + world.takeOffers(g).length, atOnce ? 1 : 0);
  });

  test(`what a framework had on offer that has gone is offered ${when}`, t => {
    const {world, f, g} = offered(atOnce);
    world.disconnect(f);
    events(world);
    t.is(world.takeOffers(g).length, atOnce ? 1 : 0);
  });
}

test('what was declined as a whole waits', t => {
  const {world, f, g, offers} = offered(true);
  world.call({
    framework_id: {value: 'M-0000'},
    type: 'DECLINE',
    decline: {offer_ids: offers.map(({id}) => id)},
  });
  events(world);
  t.is(world.takeOffers(f).length + world.takeOffers(g).length, 0);
});

test('the rest of a used offer waits when its framework would be offered it again', t => {
  const {world, f, g, offers} = offered(true);
  world.accept('M-0000', offers, [launchOf(task('t', 'S1'))], 0);
  events(world);
  t.is(world.takeOffers(f).length + world.takeOffers(g).length, 0);
});
