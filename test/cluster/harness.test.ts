import {randomBytes} from 'node:crypto';
import test from 'ava';
import {PODS} from '../../src/kube/kinds.ts';
import {eventually} from '../support/eventually.ts';
import {BUSYBOX_IMAGE} from './images.ts';
import {decodePod, isReady, type Pod} from './support/objects.ts';
import {Observer} from './support/observer.ts';
import {realCluster} from './support/real-cluster.ts';

const cluster = await realCluster();
const namespace = `t-${randomBytes(4).toString('hex')}`;
const HOST_PORT = 30_999;

test.before(async () => {
  await cluster.kubectl(['create', 'namespace', namespace]);
});
test.after.always(async () => {
  await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
});

const web = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: {name: 'web'},
  spec: {
    selector: {matchLabels: {app: 'web'}},
    template: {
      metadata: {labels: {app: 'web'}},
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: 'web',
            image: BUSYBOX_IMAGE,
            command: [
              'sh',
              '-c',
              'mkdir /www && echo $NODE > /www/index.html && echo started && exec httpd -f -p 80 -h /www',
            ],
            env: [{name: 'NODE', valueFrom: {fieldRef: {fieldPath: 'spec.nodeName'}}}],
            ports: [{containerPort: 80, hostPort: HOST_PORT}],
          },
        ],
      },
    },
  },
};
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {name: 'web'},
  spec: {selector: {app: 'web'}, ports: [{port: 80}]},
};

const onNodes = cluster.nodes.length > 0 ? test.serial : test.serial.skip;

onNodes('each node runs pods that others reach over pod, node and service addresses', async t => {
  const pods = await Observer.start(cluster.client, PODS, namespace, decodePod);
  t.teardown(() => pods.stop());
  for (const object of [web, service]) await must(['apply', '-f', '-'], JSON.stringify(object));
  const ready = await pods.until('a pod on each node', seen =>
    seen.length === cluster.nodes.length && seen.every(isReady) ? seen : undefined,
  );

  const names = cluster.nodes.map(({name}) => name);
  t.deepEqual(ready.map(({spec}) => spec?.nodeName ?? '').toSorted(), names);
  const inside = async (pod: Pod, script: string): Promise<string[]> => {
    const run = await cluster.kubectl(['exec', '-n', namespace, pod.metadata.name, '--', 'sh', '-c', script]);
    return run.stdout.trim().split('\n');
  };
  const targets = [
    ...ready.map(pod => `${pod.status?.podIP} 80 ${pod.spec?.nodeName}`),
    ...cluster.nodes.map(({ip, name}) => `${ip} ${HOST_PORT} ${name}`),
  ];
  const wanted = targets.map(target => target.split(' ')[2]);
  for (const pod of ready) t.deepEqual(await inside(pod, targets.map(target => ask(target)).join('; ')), wanted);

  const [first] = ready;
  if (first === undefined) return t.fail('no pod');
  const clusterIp = await must(['get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}']);
  await eventually('every node answers for the service', async () => {
    const answers = await inside(first, `for i in $(seq 20); do ${ask(`${clusterIp} 80`)}; done`);
    return names.every(name => answers.includes(name));
  });
  t.is(await must(['logs', first.metadata.name]), 'started\n');
});

/** Asks a web server, given its address, port and more, and prints the last line of its answer. */
const ask = (target: string): string => {
  const [ip, port] = target.split(' ');
  return `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 20 ${ip} ${port} | tail -n 1`;
};

async function must(args: readonly string[], input?: string): Promise<string> {
  const {code, stdout, stderr} = await cluster.kubectl([...args, '--namespace', namespace], input);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}
