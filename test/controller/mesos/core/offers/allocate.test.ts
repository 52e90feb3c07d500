import test from 'ava';
import {allocateInSlices} from '../../../../../src/controller/mesos/core/offers/allocate.ts';
import {step} from '../../../../../src/controller/mesos/core/step.ts';
import {agentRecord, World} from '../world.ts';

/** Two frameworks, and an agent for each. */
function twoOfEach(): World {
  const world = new World({}, () => 0, 1);
  for (const role of ['a', 'b']) {
    world.subscribe({name: role, roles: [role], capabilities: [{type: 'MULTI_ROLE'}]});
  }
  for (const number of [0, 1]) world.addAgent(agentRecord(number));
  return world;
}

test('a run in slices has the effects of one in one go, in the same order', t => {
  const [whole, sliced] = [twoOfEach(), twoOfEach()];
  const expected = step(whole.master, {kind: 'allocate', periodic: true}, whole.nowMs);
  const slices = allocateInSlices(sliced.master, 'periodic', sliced.nowMs);
  const effects = [];
  let next = slices.next();
  for (; next.done !== true; next = slices.next()) effects.push(...next.value);
  t.is(expected.filter(({kind}) => kind === 'send').length, 2);
  t.deepEqual([...effects, ...next.value], [...expected]);
});
