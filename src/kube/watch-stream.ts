import {StringDecoder} from 'node:string_decoder';
import {err, ok, type Result} from '../lib/result.ts';
import {describe} from './http-call.ts';
import {networkError, statusError} from './kube-error.ts';
import type {KubeError, WatchEvent} from './types.ts';

/**
 * Reads a watch: one JSON object per line, each handed over as soon as its line is complete.
 *
 * @returns `ok` when the server ended the stream between two lines, an ERROR event as the error that it carries, or
 *          `network` when the stream broke off or a line is not JSON
 */
export async function readWatch<T>(
  body: AsyncIterable<Buffer>,
  onEvent: (event: WatchEvent<T>) => void,
): Promise<Result<void, KubeError>> {
  const lines = new LineCutter();
  const chunks = body[Symbol.asyncIterator]();
  for (;;) {
    const chunk = await next(chunks);
    if (!chunk.ok) return chunk;
    if (chunk.value === undefined) break;
    for (const line of lines.push(chunk.value)) {
      const handled = handleLine(line, onEvent);
      if (!handled.ok) return handled;
    }
  }
  return lines.rest.trim() === '' ? ok(undefined) : err(networkError('the watch broke off within an event'));
}

async function next(chunks: AsyncIterator<Buffer>): Promise<Result<Buffer | undefined, KubeError>> {
  try {
    const {done, value} = await chunks.next();
    return ok(done ? undefined : value);
  } catch (error) {
    return err(networkError(`the watch broke off: ${describe(error)}`));
  }
}

/** Cuts a byte stream into lines; bytes of one character may arrive in two chunks. */
class LineCutter {
  readonly #decoder = new StringDecoder('utf8');
  /** What came after the last line end. */
  rest = '';

  push(chunk: Buffer): string[] {
    const lines = (this.rest + this.#decoder.write(chunk)).split('\n');
    this.rest = lines.pop() ?? '';
    return lines;
  }
}

function handleLine<T>(line: string, onEvent: (event: WatchEvent<T>) => void): Result<void, KubeError> {
  if (line.trim() === '') return ok(undefined);
  const event = parseLine<T>(line);
  switch (event?.type) {
    case undefined:
      return err(networkError('the watch sent a line that is not an event'));
    case 'ERROR':
      return err(statusError(event.object, 500));
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
    case 'BOOKMARK':
      onEvent({type: event.type, object: event.object});
      return ok(undefined);
    default:
      return ok(undefined); // A type of a later Kubernetes: nothing that we rely on.
  }
}

type Line<T> = {readonly type: WatchEvent<T>['type'] | 'ERROR'; readonly object: T};

function parseLine<T>(line: string): Line<T> | undefined {
  try {
    const event: Line<T> | null = JSON.parse(line);
    return event?.object ? event : undefined;
  } catch {
    return undefined;
  }
}
