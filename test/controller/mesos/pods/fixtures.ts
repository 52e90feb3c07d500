import {toAgentId, toFrameworkId} from '../../../../src/allocator/ids.ts';
import type {TaskInfo} from '../../../../src/api/mesos/v1/common.ts';
import type {TaskPolicy} from '../../../../src/crds/task-policy.ts';
import type {PodOrder} from '../../../../src/controller/mesos/core/tasks/task-record.ts';
import {podName} from '../../../../src/controller/mesos/core/tasks/pod-name.ts';
import type {Container, Pod, PodSpec} from '../../../../src/controller/mesos/pods/pod.ts';
import {type PodOptions, toPod} from '../../../../src/controller/mesos/pods/to-pod.ts';

export const INFO: TaskInfo = {
  name: 'n',
  task_id: {value: 'app.1'},
  agent_id: {value: 'S0'},
  resources: [
    {name: 'cpus', type: 'SCALAR', scalar: {value: 0.1}},
    {name: 'mem', type: 'SCALAR', scalar: {value: 64}},
  ],
  command: {value: 'echo hi'},
};

/** Everything is allowed. */
export const OPEN: TaskPolicy = {
  podSecurity: 'privileged',
  hostPaths: ['/'],
  privileged: true,
  capabilities: [],
  hostNetwork: 'always',
  hostPorts: true,
  images: ['*'],
  users: ['*'],
  secrets: ['*'],
  claims: ['*'],
  fetchSchemes: ['http', 'https', 'file'],
};

export const launch = (rest: Partial<TaskInfo> = {}): PodOrder => ({
  frameworkId: toFrameworkId('F-0000'),
  launchId: 'L1',
  pod: {name: podName('F-0000', ['app.1'])},
  tasks: [{...INFO, ...rest}],
  role: 'web',
  frameworkUser: 'u',
  frameworkName: 'f',
  frameworkUid: 'uid-1',
  agent: {id: toAgentId('S0'), name: 'agent-0', nodeName: 'node-0', hostname: 'host-0'},
  policy: OPEN,
});

export const OPTIONS: PodOptions = {
  namespace: 'ns',
  defaultImage: '',
  pullSecrets: [],
  shimImage: 'mesos:1',
  fetchStallMs: 60_000,
  fetchMaxSize: 1000,
  ownerName: 'F-0000',
};

export function make(rest: Partial<TaskInfo> = {}, defaultImage = ''): Pod {
  const pod = toPod(launch(rest), {...OPTIONS, defaultImage});
  if (!pod.ok) throw new Error(pod.error);
  return pod.value;
}
export const spec = (rest: Partial<TaskInfo>, image?: string): PodSpec => {
  const made = make(rest, image).spec;
  if (made === undefined) throw new Error('no spec');
  return made;
};
export const container = (rest: Partial<TaskInfo>, image?: string): Container => {
  const [first] = spec(rest, image).containers;
  if (first === undefined) throw new Error('no container');
  return first;
};
export const refused = (rest: Partial<TaskInfo>): string => {
  const pod = toPod(launch(rest), OPTIONS);
  return pod.ok ? 'a pod' : pod.error;
};
