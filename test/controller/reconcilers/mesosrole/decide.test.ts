import test from 'ava';
import {decideRole, decideWeights} from '../../../../src/controller/reconcilers/mesosrole/decide.ts';

const object = (name: string, role: string, weight: number, createdAt = '2026-01-01T00:00:00Z') => ({
  name,
  role,
  weight,
  createdAt,
});

test('the oldest object speaks for its role, whatever the order of the list', t => {
  const younger = object('b', 'eng', 5, '2026-01-02T00:00:00Z');
  const older = object('c', 'eng', 3);
  for (const objects of [
    [younger, older],
    [older, younger],
  ]) {
    const {weights, duplicates} = decideWeights(objects);
    t.deepEqual([...weights], [['eng', 3]]);
    t.deepEqual([...duplicates], [['b', 'c']]);
  }
});

test('of one age the first by name speaks', t => {
  t.deepEqual([...decideWeights([object('b', 'eng', 5), object('a', 'eng', 3)]).weights], [['eng', 3]]);
});

test('each role has its own weight', t => {
  const {weights, duplicates} = decideWeights([object('a', 'eng', 2), object('b', 'eng/ads', 3)]);
  t.deepEqual(
    [...weights],
    [
      ['eng', 2],
      ['eng/ads', 3],
    ],
  );
  t.is(duplicates.size, 0);
});

const facts = {
  role: 'eng',
  generation: 1,
  share: 1 / 3,
  frameworks: 2,
  allocated: new Map([['cpus', 3]]),
  duplicateOf: undefined,
};

test('a share has four digits', t => {
  t.is(decideRole(facts).fields.dominantShare, 0.3333);
  t.like(decideRole(facts).accepted, {status: 'True', reason: 'WeightInEffect'});
});

test('a duplicate names the object that counts', t => {
  const {accepted} = decideRole({...facts, duplicateOf: 'older'});
  t.like(accepted, {
    status: 'False',
    reason: 'DuplicateRole',
    message: 'MesosRole older is older and speaks for role eng',
  });
});
