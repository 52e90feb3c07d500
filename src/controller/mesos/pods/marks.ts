import {sha256Hex} from '../../../lib/sha256.ts';

// How a task's pod is marked.

/** The container that is the task, and the init container that brings its URIs. */
export type ContainerNames = {readonly task: string; readonly fetch: string};
export const LONE_TASK: ContainerNames = {task: 'task', fetch: 'fetch'};
/** Of a task in a group, by its place there: ids of tasks may be what names of containers cannot be. */
export const memberNames = (index: number): ContainerNames => ({task: `task-${index}`, fetch: `fetch-${index}`});

/** Where a task finds its sandbox inside its container. */
export const SANDBOX_PATH = '/mnt/mesos/sandbox';

const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;

export const isLabelValue = (text: string): boolean => LABEL_VALUE.test(text);

/** A text as a label's value; a hash of it when it is too long or has other characters. */
export const labelValue = (text: string): string => (isLabelValue(text) ? text : sha256Hex(text).slice(0, 32));

const KEY_PREFIX = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?([.][a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const KEY_NAME = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;

/** Whether a task's label can be a pod's: a key with a prefix of its own, and a value that fits. */
export function isPodLabel(key: string, value: string): boolean {
  const [prefix = '', name = '', ...rest] = key.split('/');
  if (rest.length > 0 || prefix.length > 253 || !KEY_PREFIX.test(prefix) || !KEY_NAME.test(name)) return false;
  // Services and budgets select by ours, Kubernetes acts by its own.
  const isReserved = prefix === 'mesos.dev' || /(^|[.])(kubernetes|k8s)[.]io$/.test(prefix);
  return !isReserved && isLabelValue(value);
}
