import test from 'ava';
import {probeOf, probesOf, type CheckName} from '../../../../../src/controller/marathon/core/health/probes.ts';
import {toTaskId} from '../../../../../src/controller/marathon/core/ids.ts';
import {Simulation} from '../../simulation.ts';

const APP = {cmd: 'sleep 1000', cpus: 0.1, mem: 32, instances: 1};
const IMAGE = {docker: {image: 'x'}};
const BRIDGE = {container: {...IMAGE, portMappings: [{containerPort: 80}]}, networks: [{mode: 'container/bridge'}]};
const NETWORK = {container: {...IMAGE, portMappings: [{containerPort: 80, hostPort: 0}]}, networks: [{name: 'net'}]};
/** Two ports in host mode. */
const PORTS = {
  portDefinitions: [
    {port: 0, name: 'first'},
    {port: 0, name: 'second'},
  ],
};

type Row = {fields: object; check?: CheckName; portOf?: number; want: object};

/** Host ports are chance: `portOf` tells which one is meant. */
const rows: Record<string, Row> = {
  'a readiness check asks the port of its name': {
    fields: {
      ...PORTS,
      readinessChecks: [{portName: 'second', protocol: 'HTTPS', path: '/up', intervalSeconds: 7, timeoutSeconds: 5}],
    },
    check: 'ready',
    portOf: 1,
    want: {
      target: {kind: 'http', scheme: 'https', path: '/up', withBody: false, host: 'agent-0'},
      firstMs: 0,
      intervalMs: 7000,
      timeoutMs: 5000,
    },
  },
  'a readiness check asks over HTTP for / unless it says more, and for the text where it is kept': {
    fields: {...PORTS, readinessChecks: [{portName: 'first', preserveLastResponse: true}]},
    check: 'ready',
    portOf: 0,
    want: {
      target: {kind: 'http', scheme: 'http', path: '/', withBody: true, host: 'agent-0'},
      firstMs: 0,
      intervalMs: 30_000,
      timeoutMs: 10_000,
    },
  },
  'a health check asks for the first time after its interval': {
    fields: {...PORTS, healthChecks: [{protocol: 'HTTP', intervalSeconds: 2, timeoutSeconds: 3}]},
    portOf: 0,
    want: {
      target: {kind: 'http', scheme: 'http', path: '/', withBody: false, host: 'agent-0'},
      firstMs: 2000,
      intervalMs: 2000,
      timeoutMs: 3000,
    },
  },
  'a health check asks for the first time after 5 seconds, however long its interval': {
    fields: {...PORTS, healthChecks: [{protocol: 'TCP', portIndex: 1, intervalSeconds: 60}]},
    portOf: 1,
    want: {target: {kind: 'tcp', host: 'agent-0'}, firstMs: 5000, intervalMs: 60_000, timeoutMs: 20_000},
  },
  'no check asks without a pause, or gives no time to answer': {
    fields: {...PORTS, healthChecks: [{protocol: 'TCP', intervalSeconds: 0, timeoutSeconds: 0}]},
    portOf: 0,
    want: {target: {kind: 'tcp', host: 'agent-0'}, firstMs: 1000, intervalMs: 1000, timeoutMs: 1000},
  },
  'a check that only informs asks the port of its place': {
    fields: {...PORTS, check: {http: {portIndex: 1, path: '/x', scheme: 'HTTPS'}, intervalSeconds: 4}},
    check: 'check',
    portOf: 1,
    want: {target: {kind: 'http', scheme: 'https', path: '/x', withBody: false, host: 'agent-0'}, intervalMs: 4000},
  },
  'a check over HTTP that only informs says no more than it must': {
    fields: {...PORTS, check: {http: {}}},
    check: 'check',
    portOf: 0,
    want: {target: {kind: 'http', scheme: 'http', path: '/', withBody: false, host: 'agent-0'}},
  },
  'a check that only informs may ask a port by number': {
    fields: {...PORTS, check: {tcp: {port: 8081}}},
    check: 'check',
    want: {target: {kind: 'tcp', host: 'agent-0', port: 8081}},
  },
  'a port by number is on the host in bridge mode': {
    fields: {...BRIDGE, healthChecks: [{protocol: 'TCP', port: 8081}]},
    want: {target: {kind: 'tcp', host: 'agent-0', port: 8081}},
  },
  'a port by number is at the task in a network, whatever is mapped': {
    fields: {...NETWORK, healthChecks: [{protocol: 'TCP', port: 8081}]},
    want: {target: {kind: 'tcp', host: '10.0.0.7', port: 8081}},
  },
  'a mapped port of a network is on the host': {
    fields: {...NETWORK, healthChecks: [{protocol: 'TCP'}]},
    portOf: 0,
    want: {target: {kind: 'tcp', host: 'agent-0'}},
  },
};
for (const [title, {fields, check = 0, portOf, want}] of Object.entries(rows)) {
  test(title, t => {
    const sim = running(fields);
    const {task} = onlyInstance(sim);
    const probe = probeOf(sim.state, task.taskId, check);
    t.like(probe, want);
    if (portOf !== undefined) t.is(probe?.target.port, task.hostPorts[portOf]);
  });
}

test('only a task that runs is asked, and only what its app declares', t => {
  const sim = running({...PORTS, healthChecks: [{protocol: 'MESOS_TCP'}, {protocol: 'TCP'}], check: {tcp: {}}});
  const {instance, task} = onlyInstance(sim);
  t.deepEqual(probesOf(sim.app('web'), instance), [1, 'check']);
  t.deepEqual(
    ([0, 1, 2, 'check', 'ready'] as const).map(name => probeOf(sim.state, task.taskId, name) !== undefined),
    [false, true, false, true, false],
  );
  t.is(probeOf(sim.state, toTaskId('of.nobody'), 1), undefined);
  instance.condition = 'Unreachable';
  t.deepEqual(probesOf(sim.app('web'), instance), []);
  t.is(probeOf(sim.state, task.taskId, 1), undefined);
});

function running(fields: object): Simulation {
  const sim = new Simulation({agents: 1});
  sim.connect();
  sim.apply('web', {...APP, ...fields});
  sim.settle();
  const {instance, task} = onlyInstance(sim);
  instance.task = {...task, ipAddresses: ['10.0.0.7']};
  return sim;
}

function onlyInstance(sim: Simulation) {
  const [instance] = sim.instances('web');
  if (instance?.task === undefined) throw new Error('no task');
  return {instance, task: instance.task};
}
