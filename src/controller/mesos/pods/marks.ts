import {sha256} from '@noble/hashes/sha2.js';
import {bytesToHex, utf8ToBytes} from '@noble/hashes/utils.js';

// How a task's pod is named and marked.

/** The container that is the task. */
export const TASK_CONTAINER = 'task';
/** The init container that brings the task's URIs. */
export const FETCH_CONTAINER = 'fetch';
/** Where a task finds its sandbox inside its container. */
export const SANDBOX_PATH = '/mnt/mesos/sandbox';

const hash = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)));

/**
 * The same task always has the same name, so that creating its pod twice is a conflict and not a second task. Begins
 * with what people can read of the task id; 64 bits of hash make it unique. A valid host name of at most 63 characters.
 */
export function podName(frameworkId: string, taskId: string): string {
  const readable = taskId
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-|-$/g, '');
  return `${readable === '' ? 'task' : readable}-${hash(JSON.stringify([frameworkId, taskId])).slice(0, 16)}`;
}

const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;

export const isLabelValue = (text: string): boolean => LABEL_VALUE.test(text);

/** A text as a label's value; a hash of it when it is too long or has other characters. */
export const labelValue = (text: string): string => (isLabelValue(text) ? text : hash(text).slice(0, 32));

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
