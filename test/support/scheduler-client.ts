import type {FrameworkCall, SchedulerCall, SchedulerEvent, Subscribe} from '../../src/api/mesos/v1/scheduler.ts';
import {RecordDecoder} from '../../src/lib/recordio.ts';

/** A framework's end of the event stream. */
export type Stream = {
  readonly streamId: string;
  readonly events: readonly SchedulerEvent[];
  /** The next event of this type that was not taken before; waits for it. */
  readonly next: <Type extends SchedulerEvent['type']>(type: Type) => Promise<SchedulerEvent & {readonly type: Type}>;
  readonly frameworkId: () => string;
  /** Resolves when the stream has ended, whoever ended it. */
  readonly ended: Promise<void>;
  readonly close: () => void;
};

const JSON_HEADERS = {'Content-Type': 'application/json', Accept: 'application/json'};

export const post = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/api/v1/scheduler`, {
    method: 'POST',
    headers: {...JSON_HEADERS, ...headers},
    body: JSON.stringify(body),
  });

type Unaddressed<Call> = Call extends unknown ? Omit<Call, 'framework_id'> : never;

/** A call of a subscribed framework; its status. */
export async function call(
  url: string,
  stream: Stream,
  body: Unaddressed<FrameworkCall>,
  headers: Record<string, string> = {},
): Promise<number> {
  const message = {framework_id: {value: stream.frameworkId()}, ...body};
  const response = await post(url, message, {'Mesos-Stream-Id': stream.streamId, ...headers});
  await response.arrayBuffer();
  return response.status;
}

type Info = (SchedulerCall & {readonly type: 'SUBSCRIBE'})['subscribe']['framework_info'];

export const frameworkInfo = (name: string, more: Partial<Info> = {}): Info => ({
  user: 'nobody',
  name,
  roles: ['*'],
  capabilities: [{type: 'MULTI_ROLE'}, {type: 'PARTITION_AWARE'}],
  ...more,
});

/** Subscribes over HTTP; fails when the answer is no stream. */
export async function subscribe(
  url: string,
  info: Info,
  rest: Partial<Subscribe> = {},
  headers: Record<string, string> = {},
): Promise<Stream> {
  const abort = new AbortController();
  const id = info.id === undefined ? {} : {framework_id: info.id};
  const response = await fetch(`${url}/api/v1/scheduler`, {
    method: 'POST',
    headers: {...JSON_HEADERS, ...headers},
    body: JSON.stringify({...id, type: 'SUBSCRIBE', subscribe: {framework_info: info, ...rest}}),
    signal: abort.signal,
  });
  const streamId = response.headers.get('Mesos-Stream-Id');
  if (!response.body || streamId === null) throw new Error(`no stream: ${response.status} ${await response.text()}`);
  const inbox = new Inbox();
  return {
    streamId,
    events: inbox.events,
    next: type => inbox.next(type),
    frameworkId: () => inbox.frameworkId(),
    ended: read(response.body, inbox),
    close: () => abort.abort(),
  };
}

async function read(body: AsyncIterable<Uint8Array>, inbox: Inbox): Promise<void> {
  const records = new RecordDecoder();
  try {
    for await (const chunk of body) {
      const cut = records.push(chunk);
      if (!cut.ok) throw new Error(cut.error);
      for (const record of cut.value) inbox.add(JSON.parse(new TextDecoder().decode(record)));
    }
  } catch {
    // The stream was cut off: by `close`, or by the master.
  }
}

class Inbox {
  readonly events: SchedulerEvent[] = [];
  readonly #fresh: SchedulerEvent[] = [];
  #waiters: (() => void)[] = [];

  add(event: SchedulerEvent): void {
    this.events.push(event);
    this.#fresh.push(event);
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  async next<Type extends SchedulerEvent['type']>(type: Type): Promise<SchedulerEvent & {readonly type: Type}> {
    for (;;) {
      const at = this.#fresh.findIndex(event => event.type === type);
      const [event] = at < 0 ? [] : this.#fresh.splice(at, 1);
      if (event !== undefined) return event as SchedulerEvent & {readonly type: Type};
      await new Promise<void>(resolve => this.#waiters.push(resolve));
    }
  }

  frameworkId(): string {
    const subscribed = this.events.find(event => event.type === 'SUBSCRIBED');
    return subscribed?.type === 'SUBSCRIBED' ? subscribed.subscribed.framework_id.value : '';
  }
}
