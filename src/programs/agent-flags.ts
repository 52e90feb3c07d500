import {type FlagType, flag, flagTypes, required, unset} from '../lib/flags.ts';
import {err, ok} from '../lib/result.ts';
import {attributeList, headroom, resourceList, scalarList} from './resource-flags.ts';

type Taint = {readonly key: string; readonly value?: string; readonly effect?: string};

/** `key`, `key=value`, `key:effect` or `key=value:effect`. */
const taints: FlagType<readonly Taint[]> = {
  want: 'taints separated by commas, as in dedicated=mesos:NoSchedule',
  parse: text => {
    const read: Taint[] = [];
    for (const item of text === '' ? [] : text.split(',')) {
      const match = /^\s*([^=:\s]+)(?:=([^=:\s]*))?(?::(NoSchedule|PreferNoSchedule|NoExecute))?\s*$/.exec(item);
      if (match === null) return err(`want ${taints.want}, got "${text}"`);
      const [, key = '', value, effect] = match;
      read.push({key, ...(value !== undefined && {value}), ...(effect !== undefined && {effect})});
    }
    return ok(read);
  },
  format: list =>
    list
      .map(({key, value, effect}) => `${key}${value === undefined ? '' : `=${value}`}${effect ? `:${effect}` : ''}`)
      .join(','),
  schema: {type: 'array', item: '[^=:,\\s]+(=[^=:,\\s]*)?(:(NoSchedule|PreferNoSchedule|NoExecute))?'},
};

const LABEL = '([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?';

/** What an agent is told. Mesos's names where the meaning is the same. */
export const AGENT_FLAGS = {
  name: required(flagTypes.text, 'Name of the agent, of its node and of its MesosAgent.'),
  pods: flag(
    flagTypes.oneOf('process', 'kubelet'),
    'process',
    'Who runs the pods bound to the node: this program, as processes, or a kubelet.',
  ),
  data_dir: unset(
    flagTypes.text,
    'Where sandboxes and records of running tasks are kept; required with --pods=process.',
  ),
  kubeconfig: unset(
    flagTypes.text,
    'How to reach the API server; unset: KUBECONFIG, ~/.kube/config or the pod’s own service account.',
  ),
  namespace: flag(flagTypes.text, 'default', 'Namespace of the cluster’s objects.'),
  hostname: unset(
    flagTypes.host,
    'What frameworks see as the host; unset: the agent’s name, with --pods=kubelet the node’s internal address.',
  ),
  resources: unset(
    resourceList,
    'What to offer, as in cpus:4;mem:8192;disk:20480;ports:[31000-32000]; what is not named: what the machine has, with --pods=kubelet what other pods leave of it.',
  ),
  oversubscribed: unset(
    scalarList,
    'Offered on top, as revocable, as in cpus:2: what is allocated but not used; unset: what somebody else writes into MesosAgent is left alone.',
  ),
  headroom: flag(
    headroom,
    '',
    'With --pods=kubelet: never offered, as in cpus:0.2;mem:256: room for pods that kube-scheduler binds before the master knows.',
  ),
  headroom_window: flag(
    flagTypes.duration,
    60_000,
    'With --pods=kubelet: for so long after another scheduler’s pod came to the node, room for one more like it is not offered; 0secs: not at all.',
  ),
  attributes: unset(attributeList, 'Attributes, as in rack:r1;zone:a.'),
  node_labels_as_attributes: flag(
    flagTypes.words('names of labels separated by commas', LABEL),
    [
      'kubernetes.io/arch',
      'kubernetes.io/hostname',
      'kubernetes.io/os',
      'node.kubernetes.io/instance-type',
      'topology.kubernetes.io/region',
      'topology.kubernetes.io/zone',
    ],
    'With --pods=kubelet: node labels that become attributes of the same name; attributes.mesos.dev/<name> always becomes <name>.',
  ),
  tolerated_taints: flag(
    taints,
    [],
    'With --pods=kubelet: taints of the node that do not keep tasks away, as in dedicated=mesos:NoSchedule.',
  ),
  agent_ping_timeout: flag(
    flagTypes.durationWithin(1000, 900_000),
    15_000,
    'As told to the master; the Lease is renewed three times as often.',
  ),
  max_agent_ping_timeouts: flag(flagTypes.count(1), 5, 'As told to the master.'),
  recovery_timeout: flag(
    flagTypes.durationWithin(1000),
    15 * 60_000,
    'Tasks are ended when the API server was silent for so long.',
  ),
  gc_delay: flag(
    flagTypes.duration,
    7 * 86_400_000,
    'How long the sandboxes of ended tasks are kept; shorter on a disk that is nearly full.',
  ),
  disk_watch_interval: flag(
    flagTypes.durationWithin(1000, 86_400_000),
    60_000,
    'How often the agent looks for sandboxes to remove: of old age, or because the disk is full.',
  ),
  token_file: unset(
    flagTypes.text,
    'File with the token that callers of the log and exec server have to send; required with --pods=process.',
  ),
  ip: unset(
    flagTypes.host,
    'Address of the log and exec server, 127.0.0.1 when unset; with --pods=kubelet of the health checks, all when unset.',
  ),
  agent_port: flag(
    flagTypes.port,
    0,
    'With --pods=process: where the agent shows its tasks and their sandboxes over HTTP; 0 takes a free one.',
  ),
  port: flag(flagTypes.port, 5051, 'With --pods=kubelet: where /healthz and /readyz answer; 0 takes a free one.'),
  log_level: flag(flagTypes.oneOf('debug', 'info', 'warn', 'error'), 'info', 'The least that is logged.'),
};
