import test from 'ava';
import {BudgetWriter} from '../../../../src/controller/marathon/outbox/budget-writer.ts';
import {POD_DISRUPTION_BUDGETS} from '../../../../src/kube/kinds.ts';
import {statusError} from '../../../../src/kube/kube-error.ts';
import {silentLogger} from '../../../../src/kube/log.ts';
import type {KubeObject} from '../../../../src/kube/types.ts';
import {TestKube} from '../../../support/test-kube.ts';
import {Simulation} from '../simulation.ts';

const APP = {cmd: 'sleep 1000', cpus: 0.5, mem: 32};

/** An app of three, and an API server that applies (or knows no budgets). */
function start(knowsBudgets = true) {
  const [sim, kube] = [new Simulation(), new TestKube({kinds: []})];
  sim.connect();
  sim.apply('web', {...APP, instances: 3});
  const calls: string[] = [];
  if (knowsBudgets) kube.define(POD_DISRUPTION_BUDGETS);
  kube.fault = ({verb}) => {
    calls.push(verb);
    return knowsBudgets ? undefined : statusError({code: 404, reason: '', message: '404 page not found'}, 404);
  };
  const writer = new BudgetWriter({
    client: kube.client,
    namespace: 'default',
    app: name => sim.state.apps.get(name),
    log: silentLogger,
  });
  return {sim, kube, writer, calls};
}

const minAvailable = (kube: TestKube): unknown => {
  const found = kube.find<KubeObject<{minAvailable?: number}>>(POD_DISRUPTION_BUDGETS, 'marathon-web');
  return found?.spec?.minAvailable;
};

test('a budget is written when it is new or changed, and not again', async t => {
  const {sim, kube, writer, calls} = start();
  t.true(writer.wants('web'));
  t.true((await writer.write('web')).ok);
  t.is(minAvailable(kube), 3);
  t.false(writer.wants('web'));
  sim.apply('web', {...APP, instances: 5});
  t.true(writer.wants('web'));
  await writer.write('web');
  t.is(minAvailable(kube), 5);
  t.is(calls.length, 2);
});

test('an API server without budgets is asked once', async t => {
  const {writer, calls} = start(false);
  t.true((await writer.write('web')).ok);
  t.false(writer.wants('web'));
  t.is(calls.length, 1);
});

test('an app that is gone wants none', t => {
  t.false(start().writer.wants('other'));
});
