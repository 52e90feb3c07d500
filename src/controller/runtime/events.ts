import {isGone} from '../../kube/kube-error.ts';
import {EVENTS} from '../../kube/kinds.ts';
import type {Logger} from '../../kube/log.ts';
import {apiVersionOf} from '../../kube/resource-path.ts';
import type {KubeClient, KubeError, KubeObject} from '../../kube/types.ts';
import type {Clock, Random} from '../../lib/clock.ts';
import type {Result} from '../../lib/result.ts';
import {createWorkQueue} from './work-queue.ts';

/** What an event is about. */
export type ObjectReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
};

export type KubeEvent = {
  readonly about: ObjectReference;
  readonly type: 'Normal' | 'Warning';
  /** One word in CamelCase. */
  readonly reason: string;
  /** For people; cut after 1024 bytes, as the API server wants. */
  readonly message: string;
};

export type EventRecorder = {
  /** Returns at once. The event is written some time later, or dropped when there are too many about one object. */
  readonly record: (event: KubeEvent) => void;
  /** Writes what waits, then writes no more. */
  readonly stop: () => Promise<void>;
};

export type EventRecorderOptions = {
  readonly client: KubeClient;
  /** Who speaks, for example `mesos-master`. */
  readonly component: string;
  /** The process, for example its host name. */
  readonly instance?: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
};

const LONGEST_MESSAGE = 1024;
/** client-go's limits: 25 events about one object in a row, then one in five minutes. */
const BURST = 25;
const REFILL_MS = 300_000;
/** Objects and events remembered, as in client-go; the oldest are forgotten. */
const REMEMBERED = 4096;
/** The same again after this long is a new event. */
const SAME_MS = 600_000;
const ATTEMPTS = 5;

/** The same (object, type, reason, message) seen `count` times; `written` of them the API server knows. */
type Series = {
  readonly event: KubeEvent;
  readonly eventName: string;
  readonly firstMs: number;
  lastMs: number;
  count: number;
  written: number;
};
type Bucket = {tokens: number; filledMs: number};

/** Writes core/v1 events: repetitions become a count, floods are cut off, and nobody waits for it. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const {client, component, instance = '', clock, log} = options;
  const series = new Map<string, Series>();
  const buckets = new Map<string, Bucket>();
  let made = 0;

  const record = (event: KubeEvent): void => {
    const about = keyOf(event.about);
    const nowMs = clock.now();
    if (!takeToken(bucketOf(buckets, about, nowMs), nowMs)) {
      log.debug('event dropped', {object: about, reason: event.reason});
      return;
    }
    const key = JSON.stringify([about, event.type, event.reason, event.message]);
    const held = series.get(key);
    if (held && nowMs - held.lastMs < SAME_MS) {
      held.count++;
      held.lastMs = nowMs;
    } else {
      const eventName = `${event.about.name}.${nowMs.toString(16)}${(made++ % 0x10000).toString(16).padStart(4, '0')}`;
      remember(series, key, {event, eventName, firstMs: nowMs, lastMs: nowMs, count: 1, written: 0});
    }
    queue.add(key);
  };

  const write = async (key: string): Promise<void> => {
    const held = series.get(key);
    if (!held || held.written === held.count) return;
    const {count} = held;
    const result = await writeSeries(held, client, {component, instance});
    if (result.ok) {
      held.written = count;
      queue.forget(key);
    } else if (isTransient(result.error) && queue.failures(key) < ATTEMPTS) {
      queue.addRateLimited(key);
    } else {
      log.debug('event not written', {object: keyOf(held.event.about), reason: held.event.reason, error: result.error});
      series.delete(key);
      queue.forget(key);
    }
  };
  const queue = createWorkQueue({...options, process: write, concurrency: 2, baseBackoffMs: 500, maxBackoffMs: 10_000});
  return {record, stop: () => queue.stop()};
}

type Source = {readonly component: string; readonly instance: string};

async function writeSeries(series: Series, client: KubeClient, source: Source): Promise<Result<KubeObject, KubeError>> {
  const event = eventObject(series, source);
  if (series.written === 0) return client.create(EVENTS, event);
  const {namespace} = event.metadata;
  const change = {count: series.count, lastTimestamp: seconds(series.lastMs)};
  const patched = await client.patch<KubeObject>(EVENTS, series.eventName, namespace, 'merge', change);
  // Events live for an hour; the series may live longer.
  return !patched.ok && isGone(patched.error) ? client.create(EVENTS, event) : patched;
}

function eventObject({event, eventName, firstMs, lastMs, count}: Series, {component, instance}: Source): KubeObject {
  const {about, type, reason, message} = event;
  const fields = {
    involvedObject: about,
    type,
    reason,
    message: shorten(message),
    count,
    firstTimestamp: seconds(firstMs),
    lastTimestamp: seconds(lastMs),
    source: {component, ...(instance === '' ? {} : {host: instance})},
    reportingComponent: component,
    reportingInstance: instance,
  };
  // Events about cluster-scoped objects live in `default`.
  const metadata = {name: eventName, namespace: about.namespace ?? 'default'};
  return {apiVersion: apiVersionOf(EVENTS), kind: EVENTS.kind, metadata, ...fields};
}

/** At most as many bytes as the API server takes, never half a character. */
function shorten(message: string): string {
  if (Buffer.byteLength(message) <= LONGEST_MESSAGE) return message;
  const {read} = new TextEncoder().encodeInto(message, new Uint8Array(LONGEST_MESSAGE - Buffer.byteLength('…')));
  return `${message.slice(0, read)}…`;
}

/** A Time as Kubernetes writes it: whole seconds. */
const seconds = (epochMs: number): string => new Date(epochMs).toISOString().replace(/\.\d+Z$/, 'Z');

const keyOf = ({kind, namespace = '', name, uid = ''}: ObjectReference): string =>
  `${kind}/${namespace}/${name}/${uid}`;

function bucketOf(buckets: Map<string, Bucket>, about: string, nowMs: number): Bucket {
  const bucket = buckets.get(about) ?? {tokens: BURST, filledMs: nowMs};
  remember(buckets, about, bucket);
  return bucket;
}

function takeToken(bucket: Bucket, nowMs: number): boolean {
  const earned = Math.max(0, nowMs - bucket.filledMs) / REFILL_MS;
  bucket.tokens = Math.min(BURST, bucket.tokens + earned);
  bucket.filledMs = nowMs;
  if (bucket.tokens < 1) return false;
  bucket.tokens--;
  return true;
}

/** Puts an entry last; the first one goes when there are too many. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= REMEMBERED) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}

const isTransient = (error: KubeError): boolean =>
  error.kind === 'network' || (error.kind === 'http' && (error.status >= 500 || error.status === 429));
