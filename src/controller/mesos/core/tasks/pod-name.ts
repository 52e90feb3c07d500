import {sha256Hex} from '../../../../lib/sha256.ts';

/**
 * The same tasks always have the same name, so that creating their pod twice is a conflict and not a second pod. Begins
 * with what people can read of the first task's id; 64 bits of hash make it unique. A valid host name of at most 63
 * characters.
 */
export function podName(frameworkId: string, taskIds: readonly string[]): string {
  const [first = ''] = taskIds;
  const readable = first
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-|-$/g, '');
  return `${readable === '' ? 'task' : readable}-${sha256Hex(JSON.stringify([frameworkId, ...taskIds])).slice(0, 16)}`;
}
