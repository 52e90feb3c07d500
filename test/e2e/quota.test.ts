import test from 'ava';
import {MESOS_ROLES} from '../../src/crds/mesos-role.ts';
import {createKubeClient} from '../../src/kube/client.ts';
import {silentLogger} from '../../src/kube/log.ts';
import {systemClock} from '../../src/kube/system-clock.ts';
import {eventually} from '../support/eventually.ts';
import {type Json, Standalone} from '../support/standalone.ts';

const quota = (role: string, guarantee: number, limit: number) => ({
  type: 'UPDATE_QUOTA',
  update_quota: {
    quota_configs: [{role, guarantees: {cpus: {value: guarantee}}, limits: {cpus: {value: limit}}}],
  },
});

/** Cores that roles have on offer or in use. */
async function held(system: Standalone): Promise<Record<string, number>> {
  const {body} = await system.mesos('GET', '/roles');
  return Object.fromEntries(
    (body['roles'] as Json[]).map(({name, resources}) => [name, (resources as {cpus?: number}).cpus ?? 0]),
  );
}

/** An app of 8 times half a core; a group's apps may use the role of its name. */
const app = (role: string) => ({id: `/${role}/app`, role, cmd: 'sleep 1000', cpus: 0.5, mem: 32, instances: 8});

// 4 cpus: prod is promised 2 and gets no more, and everybody else the rest, also when the master died meanwhile.
test.serial('two teams share a cluster by quota, over a crash of the master', async t => {
  const system = await Standalone.start(t, ['--agents=2', '--agent-resources=cpus:2;mem:1024']);
  const {status} = await eventually('agents that can meet the guarantee', async () => {
    const answer = await system.mesos('POST', '/api/v1', quota('prod', 2, 2));
    return answer.status === 200 ? answer : undefined;
  });
  t.is(status, 200);
  t.is((await system.marathon('POST', '/v2/apps', app('batch'))).status, 201);
  await system.untilRunning('batch/app', 4);
  t.deepEqual(await held(system), {'*': 0, batch: 2, prod: 0});

  await system.end('SIGKILL');
  await system.up();
  t.is((await system.marathon('POST', '/v2/apps', app('prod'))).status, 201);
  await system.untilRunning('prod/app', 4);
  await system.untilRunning('batch/app', 4);
  t.deepEqual(await held(system), {'*': 0, batch: 2, prod: 2});

  t.is((await system.mesos('POST', '/api/v1', quota('prod', 1, 1))).status, 400); // it uses 2
  t.is((await system.mesos('DELETE', '/quota/prod')).status, 200);
  await system.marathon('DELETE', '/v2/apps/prod/app?force=true');
  await system.untilRunning('batch/app', 8);
  t.like(await held(system), {batch: 4});
});

test.serial('the policy of a role binds its apps, and the reason names the rule', async t => {
  const system = await Standalone.start(t, ['--agents=1']);
  const client = createKubeClient({kubeconfigPath: system.at.kubeconfig, log: silentLogger, clock: systemClock});
  const role = {
    apiVersion: 'mesos.dev/v1',
    kind: 'MesosRole',
    metadata: {name: 'web', namespace: 'default'},
    spec: {tasks: {images: ['registry.example.com/*']}},
  };
  const made = await client.create(MESOS_ROLES, role);
  t.true(made.ok);
  await eventually('the policy to be in effect', async () => {
    const seen = await client.get<{status?: {tasks?: unknown}}>(MESOS_ROLES, 'web', 'default');
    return seen.ok ? seen.value.status?.tasks : undefined;
  });
  const container = {type: 'DOCKER', docker: {image: 'nginx'}};
  const body = {id: '/web/shop', role: 'web', cpus: 0.1, mem: 32, container, backoffSeconds: 60};
  t.is((await system.marathon('POST', '/v2/apps', body)).status, 201);
  const failure = await eventually('the refusal to be told', async () => {
    const {body: answer} = await system.marathon('GET', '/v2/apps//web/shop?embed=apps.lastTaskFailure');
    return (answer['app'] as Json | undefined)?.['lastTaskFailure'] as Json | undefined;
  });
  const {body: explained} = await system.mesos('GET', '/task-policy?role=web/shop');
  t.deepEqual(
    (explained['rules'] as Json[]).filter(({rule}) => rule === 'images' || rule === 'hostPorts'),
    [
      {rule: 'hostPorts', value: 'true', from: '--allow_host_ports'},
      {rule: 'images', value: 'registry.example.com/*', from: 'MesosRole of web'},
    ],
  );
  t.is(failure['state'], 'TASK_ERROR');
  t.regex(String(failure['message']), /image 'nginx' is not allowed by the rule images: see --allowed_images/);
});
