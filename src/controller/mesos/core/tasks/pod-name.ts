import {sha256Hex} from '../../../../lib/sha256.ts';

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
  return `${readable === '' ? 'task' : readable}-${sha256Hex(JSON.stringify([frameworkId, taskId])).slice(0, 16)}`;
}
