import test from 'ava';
import type {TaskStatus} from '../../src/api/mesos/v1/common.ts';
import {TASK_FINALIZER} from '../../src/crds/meta.ts';
import {toPod} from '../../src/controller/mesos/pods/to-pod.ts';
import {INFO, launch, OPEN, OPTIONS} from '../controller/mesos/pods/fixtures.ts';
import {eventually} from '../support/eventually.ts';
import {BUSYBOX_IMAGE} from './images.ts';
import {TestFramework, type TaskMaker} from './support/framework.ts';
import {InstalledChart} from './support/installed-chart.ts';
import type {Pod} from './support/objects.ts';
import {realCluster} from './support/real-cluster.ts';

// Every end of a pod, made to happen on real kubelets.

const cluster = await realCluster();
const onNodes = cluster.nodes.length > 0 ? test.serial : test.serial.skip;
/** Below what a node has for itself: it goes with the node. */
const ALLOWED = '/var/lib/mesos-allowed';
let chart: InstalledChart;
let framework: TestFramework;
/** Of a web server in the cluster. */
let origin = '';
let checksum = '';
/** What happens to tasks, all at the same time. */
const acts = new Map<string, Promise<void>>();

test.before(async t => {
  if (cluster.nodes.length === 0) return;
  t.timeout(600_000);
  chart = await InstalledChart.install(cluster, {
    controller: {replicas: 1},
    taskDefaultImage: BUSYBOX_IMAGE,
    master: {
      flags: {
        executor_registration_timeout: '90secs',
        allow_host_paths: ALLOWED,
        allowed_secrets: 'no-such-*',
        allowed_claims: 'no-such-*',
      },
    },
  });
  await chart.apply(web);
  const pod = await chart.pods.until('the web server', pods =>
    pods.find(({metadata, status}) => metadata.name === 'web' && status?.phase === 'Running'),
  );
  origin = `http://${pod.status?.podIP}:8000`;
  checksum = await eventually('the archive', async () => {
    return /^[0-9a-f]{64}/.exec(await inWeb('sha256sum /www/a.tgz'))?.[0];
  });
  framework = await TestFramework.start(cluster.kubeconfigPath, chart.namespace);
  for (const [id, row] of Object.entries(rows())) {
    framework.launch(id, row.task, row.ports);
    acts.set(id, act(id, row));
  }
  // A failure shows in its test.
  await Promise.allSettled(acts.values());
});
test.after.always(async () => {
  await framework?.stop();
  await chart?.remove();
});

const web = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {name: 'web'},
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'web',
        image: BUSYBOX_IMAGE,
        command: [
          'sh',
          '-c',
          'mkdir -p /www /d && echo hello > /d/a.txt && tar czf /a.tgz d && mv /a.tgz /www && (nc -lk -p 9000 -e sleep 1000 &) && exec httpd -f -p 8000 -h /www',
        ],
      },
    ],
  },
};

type Want = Partial<Pick<TaskStatus, 'state' | 'reason' | 'source' | 'message' | 'healthy'>>;
type Row = {
  readonly task: TaskMaker;
  readonly ports?: number;
  /** What happens does so while the pod's containers wait for the first to end, which fetches. */
  readonly actsWhenPending?: true;
  /** What happens to the task once it runs. */
  readonly act?: (pod: Pod, id: string) => Promise<unknown>;
  readonly want: Want;
  readonly message?: RegExp;
};

const run = (value: string) => ({command: {value}});
const FOREVER = 'while :; do sleep 1; done';
const image = (name: string, command = 'true') => ({
  command: {value: command},
  container: {type: 'DOCKER' as const, docker: {image: name, network: 'BRIDGE' as const}},
});
const volume = (host_path: string) => ({
  type: 'MESOS' as const,
  volumes: [{container_path: '/data', host_path, mode: 'RW' as const}],
});
const fetching = (value: string, uri: string, more: object = {}) => ({command: {value, uris: [{value: uri, ...more}]}});
const LAUNCH_FAILED = {state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LAUNCH_FAILED', source: 'SOURCE_AGENT'} as const;
const INVALID = {state: 'TASK_ERROR', reason: 'REASON_TASK_INVALID'} as const;

const rows = (): Readonly<Record<string, Row>> => ({
  'exit-0': {task: run('exit 0'), want: {state: 'TASK_FINISHED', message: 'Command exited with status 0'}},
  'exit-3': {task: run('exit 3'), want: {state: 'TASK_FAILED', message: 'Command exited with status 3'}},
  'kill-9': {
    task: run(`sh -c 'kill -9 $$'; exit $?`),
    want: {state: 'TASK_FAILED', message: 'Command terminated with signal SIGKILL', reason: undefined},
  },
  'out-of-memory': {
    task: run('tail /dev/zero'),
    want: {state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LIMITATION_MEMORY', message: 'Memory limit exceeded'},
  },
  'child-out-of-memory': {
    task: run('tail /dev/zero; sleep 1; exit 1'),
    want: {state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LIMITATION_MEMORY'},
  },
  'no-image': {
    task: image('registry.invalid/none:1'),
    want: LAUNCH_FAILED,
    message: /^ImagePullBackOff: .*registry\.invalid/,
  },
  'bad-image-name': {task: image('Not/An/Image'), want: LAUNCH_FAILED, message: /^InvalidImageName: /},
  'not-an-image-name': {
    task: image('not an image'),
    want: INVALID,
    message: /'not an image' cannot be the name of an image/,
  },
  'no-program': {
    task: {command: {shell: false, value: '/no/such/program', arguments: ['x']}},
    want: LAUNCH_FAILED,
    message: /\/no\/such\/program/,
  },
  'missing-secret': {
    task: {
      command: {
        value: 'true',
        environment: {
          variables: [
            {name: 'S', type: 'SECRET', secret: {type: 'REFERENCE', reference: {name: 'no-such-secret', key: 'k'}}},
          ],
        },
      },
    },
    want: LAUNCH_FAILED,
    message: /^CreateContainerConfigError: secret "no-such-secret" not found/,
  },
  'missing-claim': {
    task: {
      ...run('true'),
      container: {
        type: 'MESOS',
        volumes: [
          {
            container_path: '/data',
            mode: 'RW',
            source: {type: 'DOCKER_VOLUME', docker_volume: {driver: 'x', name: 'no-such-claim'}},
          },
        ],
      },
    },
    want: {state: 'TASK_FAILED', reason: 'REASON_EXECUTOR_REGISTRATION_TIMEOUT'},
    message: /^The task did not start within 90 s/,
  },
  deadline: {
    task: {...run(FOREVER), max_completion_time: {nanoseconds: 4e9}},
    want: {state: 'TASK_FAILED', reason: 'REASON_MAX_COMPLETION_TIME_REACHED'},
  },
  'deleted-by-hand': {
    task: run(FOREVER),
    act: ({metadata}) => chart.kubectl(['delete', 'pod', metadata.name, '--wait=false']),
    want: {state: 'TASK_KILLED', message: 'The pod was deleted, but not by its framework'},
  },
  evicted: {
    task: run(FOREVER),
    act: evict,
    want: {state: 'TASK_KILLED', reason: 'REASON_AGENT_DRAINING'},
    message: /^The pod was evicted: /,
  },
  killed: {
    task: run(`trap 'exit 0' TERM; ${FOREVER}`),
    act: (_pod, id) => framework.kill(id),
    want: {state: 'TASK_KILLED', message: 'Command exited with status 0', reason: undefined},
  },
  'killed-with-children': {
    task: run(`sh -c 'trap "exit 7" TERM; ${FOREVER}'; exit $?`),
    act: (_pod, id) => framework.kill(id),
    want: {state: 'TASK_KILLED', message: 'Command exited with status 7'},
  },
  'killed-while-fetching': {
    task: fetching('true', `${origin.replace('8000', '9000')}/never`),
    actsWhenPending: true,
    act: async (_pod, id) => framework.kill(id),
    want: {state: 'TASK_KILLED', reason: undefined},
  },
  unhealthy: {
    task: {
      ...run(FOREVER),
      health_check: {
        type: 'COMMAND',
        command: {value: 'false'},
        delay_seconds: 0,
        interval_seconds: 1,
        grace_period_seconds: 0,
        consecutive_failures: 2,
      },
    },
    want: {state: 'TASK_KILLED', healthy: false, message: 'Killed because its health check failed'},
  },
  'falls-ill': {
    task: {
      ...run(`trap 'exit 0' TERM; touch well; sleep 8; rm well; ${FOREVER}`),
      health_check: {
        type: 'COMMAND',
        command: {value: 'test -f /mnt/mesos/sandbox/well'},
        delay_seconds: 2,
        interval_seconds: 1,
        grace_period_seconds: 10,
        consecutive_failures: 3,
      },
    },
    want: {state: 'TASK_KILLED', healthy: false, message: 'Killed because its health check failed'},
  },
  fetch: {
    task: fetching('cd /mnt/mesos/sandbox && grep hello d/a.txt && rm -r d', `${origin}/a.tgz#sha256=${checksum}`),
    want: {state: 'TASK_FINISHED'},
  },
  'fetch-executable': {
    task: fetching('test -x /mnt/mesos/sandbox/bin/tool', `${origin}/a.tgz`, {
      output_file: 'bin/tool',
      executable: true,
    }),
    want: {state: 'TASK_FINISHED'},
  },
  'fetch-wrong-checksum': {
    task: fetching('true', `${origin}/a.tgz#sha256=${'0'.repeat(64)}`),
    want: LAUNCH_FAILED,
    message: /^Failed to fetch 'http:.*a\.tgz': its sha256 is [0-9a-f]{64}, not 0{64}$/,
  },
  'fetch-404': {
    task: fetching('true', `${origin}/none`),
    want: LAUNCH_FAILED,
    message: /^Failed to fetch 'http:.*none': the server answered 404/,
  },
  'fetch-unknown-scheme': {
    task: fetching('true', 'hdfs://x/y'),
    want: INVALID,
    message: /scheme 'hdfs' is not supported/,
  },
  'host-path-refused': {
    task: {...run('true'), container: volume('/etc')},
    want: INVALID,
    message: /host path '\/etc' is not allowed by the rule hostPaths: see --allow_host_paths/,
  },
  'host-path-allowed': {
    task: {...run('echo x > /data/x && test -s /data/x'), container: volume(`${ALLOWED}/sub`)},
    want: {state: 'TASK_FINISHED'},
  },
  'privileged-refused': {
    task: {
      ...run('true'),
      container: {type: 'DOCKER', docker: {image: BUSYBOX_IMAGE, privileged: true}},
    },
    want: INVALID,
    message: /privileged containers are not allowed/,
  },
  'capability-refused': {
    task: {
      ...run('true'),
      container: {
        type: 'DOCKER',
        docker: {image: BUSYBOX_IMAGE, parameters: [{key: 'cap-add', value: 'SYS_ADMIN'}]},
      },
    },
    want: INVALID,
    message: /capability SYS_ADMIN is not allowed/,
  },
  'docker-options': {
    task: {
      ...run(
        'test $GREETING = hello && test $(hostname) = spock && grep -q "10.9.8.7.*enterprise" /etc/hosts && df /dev/shm',
      ),
      container: {
        type: 'DOCKER',
        docker: {
          image: BUSYBOX_IMAGE,
          network: 'BRIDGE',
          parameters: [
            {key: 'env', value: 'GREETING=hello'},
            {key: 'hostname', value: 'spock'},
            {key: 'add-host', value: 'enterprise:10.9.8.7'},
            {key: 'shm-size', value: '4m'},
            {key: 'ulimit', value: 'nofile=10'},
          ],
        },
      },
    },
    want: {state: 'TASK_FINISHED'},
  },
  bridge: {
    task: ([port = 0]) => ({
      ...run('mkdir /www && echo bridged > /www/index.html && exec httpd -f -p 8080 -h /www'),
      container: {
        type: 'DOCKER',
        docker: {
          image: BUSYBOX_IMAGE,
          network: 'BRIDGE',
          port_mappings: [{host_port: port, container_port: 8080, protocol: 'tcp'}],
        },
      },
    }),
    ports: 1,
    act: async (pod, id) => {
      await eventually('an answer at the host port', async () => (await askHostPort(pod)).includes('bridged'));
      await framework.kill(id);
    },
    want: {state: 'TASK_KILLED'},
  },
});

for (const id of Object.keys(rows())) {
  onNodes(id, async t => {
    const row = rows()[id];
    if (row === undefined) return t.fail();
    await acts.get(id);
    const status: Readonly<Record<string, unknown>> = await framework.end(id);
    for (const [key, value] of Object.entries(row.want)) t.is(status[key], value, JSON.stringify(status));
    if (row.message !== undefined) t.regex(String(status['message']), row.message);
  });
}

onNodes('when all was acknowledged, no pod waits for anybody', async t => {
  const held = (): string[] =>
    chart.tasks.flatMap(({metadata: {name, finalizers}}) => (finalizers?.includes(TASK_FINALIZER) ? [name] : []));
  await chart.pods.until('no finalizers', () => held().length === 0).catch(() => undefined);
  t.deepEqual(held(), []);
});

for (const level of ['baseline', 'restricted'] as const) {
  onNodes(`a task at level ${level} passes Pod Security ${level}, and one on the host network does not`, async t => {
    const namespace = `${chart.namespace}-${level}`;
    const label = `pod-security.kubernetes.io/enforce=${level}`;
    await cluster.kubectl(['create', 'namespace', namespace]);
    t.teardown(() => cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']));
    await cluster.kubectl(['label', 'namespace', namespace, label]);
    const tryOut = async (network: 'BRIDGE' | 'HOST') => {
      const policy = {...OPEN, podSecurity: level, privileged: false};
      const made = toPod(
        {...launch({...INFO, ...fetching('true', 'http://x/y'), ...onNetwork(network)}), policy},
        {...OPTIONS, namespace},
      );
      if (!made.ok) throw new Error(made.error);
      return cluster.kubectl(['create', '--dry-run=server', '-f', '-'], JSON.stringify(made.value));
    };
    const {code, stderr} = await tryOut('BRIDGE');
    t.is(code, 0, stderr);
    t.regex((await tryOut('HOST')).stderr, /violates PodSecurity/);
  });
}

const onNetwork = (network: 'BRIDGE' | 'HOST') => ({
  container: {type: 'DOCKER' as const, docker: {image: BUSYBOX_IMAGE, network}},
});

/** Does to a task what is to happen to it. */
async function act(id: string, row: Row): Promise<void> {
  if (row.act === undefined) return;
  if (row.actsWhenPending !== true) await framework.status(id, ({state}) => state === 'TASK_RUNNING');
  const pod = await chart.pods.until(`the pod of ${id}`, pods =>
    pods.find(each => isPodOf(each, id) && (row.actsWhenPending !== true || isFetching(each))),
  );
  await row.act(pod, id);
}

const isPodOf = ({metadata}: Pod, id: string): boolean => metadata.annotations?.['mesos.dev/task-id'] === id;

const isFetching = ({status}: Pod): boolean =>
  (status?.conditions ?? []).some(({type, status: is}) => type === 'PodReadyToStartContainers' && is === 'True');

async function evict({metadata: {name}}: Pod): Promise<void> {
  const {namespace} = chart;
  const eviction = {apiVersion: 'policy/v1', kind: 'Eviction', metadata: {name, namespace}};
  const answer = await cluster.client.raw('POST', `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, eviction);
  if (!answer.ok || answer.value.status >= 300) throw new Error(JSON.stringify(answer));
}

/** Asks from inside of the cluster, at the address of the pod's node. */
async function askHostPort(pod: Pod): Promise<string> {
  const {ip} = chart.nodeOf(pod);
  const shown = await chart.kubectl([
    'get',
    'pod',
    pod.metadata.name,
    '-o',
    'jsonpath={.spec.containers[0].ports[0].hostPort}',
  ]);
  const request = `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 ${ip} ${shown}`;
  return inWeb(request);
}

/** What a script prints in the web server's pod. */
async function inWeb(script: string): Promise<string> {
  const run = await cluster.kubectl(['exec', '--namespace', chart.namespace, 'web', '--', 'sh', '-c', script]);
  return run.stdout;
}
