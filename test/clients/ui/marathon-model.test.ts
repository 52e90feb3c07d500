import test from 'ava';
import {checkDefinition, problemsOf} from '../../../src/clients/ui/marathon/app-problems.ts';
import {at, withField} from '../../../src/clients/ui/marathon/definition.ts';
import {grouped, lineOf} from '../../../src/clients/ui/marathon/lines.ts';
import {
  type App,
  appPath,
  changedFields,
  countsOf,
  definitionOf,
  diffLines,
  healthOf,
  type Queued,
  statusOf,
  waitingReason,
} from '../../../src/clients/ui/marathon/model.ts';
import {ApiError} from '../../../src/clients/ui/shared/api.ts';

const app = (more: Partial<App> = {}): App => ({id: '/web', instances: 2, cpus: 0.5, mem: 64, version: 'v1', ...more});
const queued = (overdue: boolean, declined = 0): Queued => ({
  count: 2,
  since: '2026-01-01T00:00:00.000Z',
  delay: {timeLeftSeconds: 7.2, overdue},
  app: {id: '/web'},
  processedOffersSummary: {
    processedOffersCount: 5,
    unusedOffersCount: 5,
    rejectSummaryLastOffers: [
      {reason: 'UnfulfilledRole', declined: 0, processed: 5},
      {reason: 'InsufficientCpus', declined, processed: 5},
    ],
  },
});

test('the launch queue says more of an app than its counts', t => {
  t.is(statusOf(app({tasksRunning: 2}), queued(false)), 'Delayed');
  t.is(statusOf(app({tasksRunning: 2}), queued(true)), 'Waiting');
  t.is(statusOf(app({deployments: [{id: 'd'}]}), undefined), 'Deploying');
  t.is(statusOf(app({instances: 0}), undefined), 'Suspended');
  t.is(statusOf(app({instances: 0, tasksRunning: 1}), undefined), 'Running');
  t.is(statusOf(app(), undefined), undefined);
});

test('the reason to wait names the first refusal with numbers', t => {
  t.is(
    waitingReason(queued(true, 3)),
    '2 instances wait for an offer that fits: 3 of the last 5 offers were refused because of insufficient cpus',
  );
  t.is(waitingReason(queued(true)), '2 instances wait for an offer');
  t.is(waitingReason({...queued(false), count: 1}), 'One instance waits after failures: the next start is in 8 s');
});

test('a task that never succeeded is unhealthy, one that was never asked is of unknown health', t => {
  const task = {id: 't', appId: '/web', host: 'h', state: 'TASK_RUNNING', version: 'v1'};
  t.is(healthOf(task), 'Unknown');
  t.is(healthOf({...task, healthCheckResults: [{alive: true, consecutiveFailures: 0}]}), 'Unhealthy');
  t.is(healthOf({...task, healthCheckResults: [{alive: true, firstSuccess: 'x', consecutiveFailures: 0}]}), 'Healthy');
});

test('the bar shows every instance once, and those beyond the wanted ones', t => {
  const counts = countsOf(app({instances: 3, tasksRunning: 4, tasksHealthy: 1, tasksUnhealthy: 1, tasksStaged: 1}));
  t.deepEqual(
    counts.map(({value}) => value),
    [1, 1, 2, 1, 2, 0],
  );
});

test('a group shows the sums of everything below it, and its own apps', t => {
  const lines = [app(), app({id: '/a/x'}), app({id: '/a/b/y', instances: 3})].map(one => lineOf(one, undefined));
  const root = grouped(lines, '/');
  t.deepEqual(
    root.map(({id, instances, app: own}) => [id, instances, own !== undefined]),
    [
      ['/a', 5, false],
      ['/web', 2, true],
    ],
  );
  t.deepEqual(
    grouped(
      lines.filter(({id}) => id.startsWith('/a/')),
      '/a',
    ).map(({id}) => id),
    ['/a/b', '/a/x'],
  );
});

test('what the server adds is not sent back, and of an app only what differs', t => {
  const definition = definitionOf(
    app({tasksRunning: 1, tasksStats: {}, versionInfo: {lastScalingAt: '', lastConfigChangeAt: ''}}),
  );
  t.deepEqual(definition, {id: '/web', instances: 2, cpus: 0.5, mem: 64});
  t.deepEqual(changedFields({...definition, cpus: 1, env: {A: 'b'}}, definition), {cpus: 1, env: {A: 'b'}});
});

test('a field at any depth is set, and left out again with what it was in', t => {
  const set = withField({id: '/a'}, 'container.docker.image', 'busybox');
  t.deepEqual(set, {id: '/a', container: {docker: {image: 'busybox'}}});
  t.is(at(set, 'container.docker.image'), 'busybox');
  t.deepEqual(withField(set, 'container.docker.image', ''), {id: '/a'});
});

test('what differs between two versions is shown line by line', t => {
  const marks = diffLines('a\nb\nc', 'a\nx\nc\nd').map(({mark, text}) => mark + text);
  t.deepEqual(marks, [' a', '-b', '+x', ' c', '+d']);
});

test('a path of an app keeps its parts, each escaped', t => {
  t.is(appPath('/prod/web app'), 'v2/apps/prod/web%20app');
});

test('what can be told without asking stands at its field', t => {
  const {fields} = checkDefinition({id: '/A B', cpus: 0, mem: 8, instances: 1.5});
  t.deepEqual(Object.keys(fields), ['id', 'cpus', 'mem', 'instances', 'cmd']);
  t.deepEqual(checkDefinition({id: '/web', cpus: 0.1, mem: 32, instances: 1, cmd: 'true'}).fields, {});
});

test('a refusal of the server stands at the field that it names', t => {
  const body = {
    message: 'Object is not valid',
    details: [
      {path: '/portDefinitions(0)/port', errors: ['error.expected.jsnumber']},
      {path: '/', errors: ['two ports are equal']},
    ],
  };
  const problems = problemsOf(new ApiError(422, 'Object is not valid', body));
  t.is(problems.fields['portDefinitions.0.port'], 'A number is expected');
  t.deepEqual(problems.general, ['two ports are equal']);
  t.deepEqual(problemsOf(new ApiError(500, 'no', undefined)).general, ['no']);
});
