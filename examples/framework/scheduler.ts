import {RecordDecoder} from '../../src/lib/recordio.ts';

// The part of the Mesos v1 scheduler API that this example uses, as it looks in JSON.
type Id = {readonly value: string};
type Resource = {readonly name: string; readonly scalar?: {readonly value: number}};
type Offer = {
  readonly id: Id;
  readonly agent_id: Id;
  readonly hostname: string;
  readonly resources?: readonly Resource[];
};
type Status = {
  readonly task_id: Id;
  readonly agent_id?: Id;
  readonly state: string;
  readonly message?: string;
  /** Present when the update wants to be acknowledged. */
  readonly uuid?: string;
};
type Event = {
  readonly type: string;
  readonly subscribed?: {readonly framework_id: Id};
  readonly offers?: {readonly offers: readonly Offer[]};
  readonly update?: {readonly status: Status};
  readonly error?: {readonly message: string};
};

export type FrameworkOptions = {
  /** For example `http://127.0.0.1:5050`. */
  readonly master: string;
  /** How many commands to run. */
  readonly tasks: number;
  /** A shell command. */
  readonly command: string;
  readonly role: string;
  /** What one task needs, in cores and MiB. */
  readonly cpus: number;
  readonly mem: number;
  readonly print: (line: string) => void;
  readonly signal?: AbortSignal;
};

/** What came of it: how many tasks finished, and on which hosts. */
export type FrameworkResult = {
  readonly frameworkId: string;
  readonly finished: number;
  readonly hosts: readonly string[];
};

/** Subscribes, runs the commands on whatever is offered, and leaves. Throws when the master refuses. */
export async function runFramework(options: FrameworkOptions): Promise<FrameworkResult> {
  const scheduler = new Scheduler(options);
  const response = await post(options, {type: 'SUBSCRIBE', subscribe: {framework_info: frameworkInfo(options.role)}});
  const streamId = response.headers.get('Mesos-Stream-Id');
  if (response.body === null || streamId === null) throw new Error('the answer is no event stream');
  scheduler.streamId = streamId;
  const records = new RecordDecoder();
  for await (const chunk of response.body) {
    const cut = records.push(chunk);
    if (!cut.ok) throw new Error(cut.error);
    for (const record of cut.value) {
      await scheduler.handle(JSON.parse(new TextDecoder().decode(record)));
      // What came in the same chunk is for a framework that has left.
      if (scheduler.done) return scheduler.result;
    }
  }
  throw new Error('the master closed the stream');
}

const frameworkInfo = (role: string) => ({
  user: 'nobody',
  name: 'example-framework',
  roles: [role],
  capabilities: [{type: 'MULTI_ROLE'}, {type: 'PARTITION_AWARE'}],
});

async function post(options: FrameworkOptions, call: object, streamId?: string): Promise<Response> {
  const response = await fetch(`${options.master}/api/v1/scheduler`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/json',
      ...(streamId === undefined ? {} : {'Mesos-Stream-Id': streamId}),
    },
    body: JSON.stringify(call),
    signal: options.signal,
  });
  if (!response.ok) throw new Error(`the master answered ${response.status}: ${await response.text()}`);
  return response;
}

class Scheduler {
  readonly #options: FrameworkOptions;
  readonly #hosts = new Map<string, string>();
  #frameworkId = '';
  /** Tasks that wait for an offer. */
  #wanted: number;
  /** Launched so far; also numbers the task ids. */
  #launched = 0;
  #finished = 0;
  streamId = '';
  done = false;

  constructor(options: FrameworkOptions) {
    this.#options = options;
    this.#wanted = options.tasks;
  }

  get result(): FrameworkResult {
    return {frameworkId: this.#frameworkId, finished: this.#finished, hosts: [...new Set(this.#hosts.values())]};
  }

  async handle(event: Event): Promise<void> {
    if (event.subscribed) this.#subscribed(event.subscribed.framework_id.value);
    for (const offer of event.offers?.offers ?? []) await this.#answer(offer);
    if (event.update) await this.#update(event.update.status);
    if (event.error) throw new Error(`the master says: ${event.error.message}`);
  }

  #subscribed(frameworkId: string): void {
    this.#frameworkId = frameworkId;
    this.#options.print(`subscribed as ${frameworkId}`);
  }

  /** Takes what fits; the rest of the offer goes back to the master with the same call. */
  async #answer(offer: Offer): Promise<void> {
    const count = Math.min(this.#wanted, this.#fitting(offer));
    if (count === 0)
      return this.#call({type: 'DECLINE', decline: {offer_ids: [offer.id], filters: {refuse_seconds: 5}}});
    const tasks = Array.from({length: count}, () => this.#task(offer));
    this.#wanted -= count;
    this.#options.print(`launching ${count} on ${offer.hostname}`);
    await this.#call({
      type: 'ACCEPT',
      accept: {
        offer_ids: [offer.id],
        operations: [{type: 'LAUNCH', launch: {task_infos: tasks}}],
        filters: {refuse_seconds: 1},
      },
    });
  }

  #fitting(offer: Offer): number {
    const amount = (name: string) =>
      (offer.resources ?? [])
        .filter(resource => resource.name === name)
        .reduce((sum, resource) => sum + (resource.scalar?.value ?? 0), 0);
    // Amounts have three decimals: compare thousandths, 0.3 / 0.1 is less than 3.
    const times = (name: string, need: number) => Math.floor(Math.round(amount(name) * 1000) / Math.round(need * 1000));
    return Math.min(times('cpus', this.#options.cpus), times('mem', this.#options.mem));
  }

  #task(offer: Offer): object {
    const taskId = `task-${++this.#launched}`;
    this.#hosts.set(taskId, offer.hostname);
    return {
      name: taskId,
      task_id: {value: taskId},
      agent_id: offer.agent_id,
      command: {value: this.#options.command},
      resources: [
        {name: 'cpus', type: 'SCALAR', scalar: {value: this.#options.cpus}},
        {name: 'mem', type: 'SCALAR', scalar: {value: this.#options.mem}},
      ],
    };
  }

  async #update(status: Status): Promise<void> {
    this.#options.print(`${status.task_id.value} ${status.state}${status.message ? `: ${status.message}` : ''}`);
    if (status.uuid !== undefined) await this.#acknowledge(status);
    if (status.state === 'TASK_FINISHED') this.#finished++;
    else if (ENDED_BADLY.has(status.state)) this.#wanted++;
    if (this.#finished < this.#options.tasks) return;
    await this.#call({type: 'TEARDOWN'});
    this.done = true;
  }

  #acknowledge({agent_id, task_id, uuid}: Status): Promise<void> {
    return this.#call({type: 'ACKNOWLEDGE', acknowledge: {agent_id, task_id, uuid}});
  }

  async #call(call: object): Promise<void> {
    const response = await post(this.#options, {framework_id: {value: this.#frameworkId}, ...call}, this.streamId);
    await response.body?.cancel();
  }
}

/** The task will not finish: run another one in its place. */
const ENDED_BADLY = new Set([
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_LOST',
  'TASK_ERROR',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
]);
