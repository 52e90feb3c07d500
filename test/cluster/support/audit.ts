import {readFile} from 'node:fs/promises';

/** A write that the API server was asked for, as far as a test of leadership reads it. */
export type Write = {
  /** When the request came, in milliseconds since 1970. */
  readonly atMs: number;
  readonly verb: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  /** The pod whose token it bore. */
  readonly byPod: string;
  /** HTTP status of the answer. */
  readonly status: number;
  /** Of a Lease: who holds it, if the write succeeds; '' when it is given back. */
  readonly holder: string | undefined;
};

/** The Lease that makes a controller the leader. */
const LEASE = 'mesos-master';

/** All writes of pods in a namespace, in the order in which they came. */
export async function writesIn(auditLogPath: string, namespace: string): Promise<Write[]> {
  const lines = (await readFile(auditLogPath, 'utf8')).split('\n').filter(line => line.includes(`"${namespace}"`));
  return lines
    .map(line => decodeWrite(JSON.parse(line) as AuditEvent))
    .filter(write => write.namespace === namespace && write.byPod !== '')
    .toSorted((a, b) => a.atMs - b.atMs);
}

type AuditEvent = {
  readonly requestReceivedTimestamp: string;
  readonly verb: string;
  readonly objectRef?: {readonly resource?: string; readonly namespace?: string; readonly name?: string};
  readonly user: {readonly extra?: Readonly<Record<string, readonly string[]>>};
  readonly responseStatus?: {readonly code?: number};
  readonly requestObject?: {readonly spec?: {readonly holderIdentity?: string | null}};
};

function decodeWrite(event: AuditEvent): Write {
  const spec = event.requestObject?.spec;
  return {
    atMs: Date.parse(event.requestReceivedTimestamp),
    verb: event.verb,
    resource: event.objectRef?.resource ?? '',
    namespace: event.objectRef?.namespace ?? '',
    name: event.objectRef?.name ?? '',
    byPod: event.user.extra?.['authentication.kubernetes.io/pod-name']?.[0] ?? '',
    status: event.responseStatus?.code ?? 0,
    holder: spec === undefined ? undefined : (spec.holderIdentity ?? ''),
  };
}

/** A time in which one pod held the Lease, until another took it; `endMs` is open for the last. */
export type Reign = {readonly pod: string; readonly beginMs: number; readonly endMs: number};

/** Who held the Lease from when to when; a reign ends when the next begins, for until then nobody else may write. */
export function reigns(writes: readonly Write[]): Reign[] {
  const taken = writes.filter(
    ({resource, name, holder, status}) => resource === 'leases' && name === LEASE && holder !== '' && status < 300,
  );
  const found: Reign[] = [];
  for (const {byPod, atMs} of taken) {
    const last = found.at(-1);
    if (last?.pod === byPod) continue;
    if (last !== undefined) found[found.length - 1] = {...last, endMs: atMs};
    found.push({pod: byPod, beginMs: atMs, endMs: Infinity});
  }
  return found;
}

/** What the server says of a request that it gave up because nobody waited for the answer any more. */
const GIVEN_UP = 504;

/**
 * Writes that came from a pod which did not hold the Lease then, refused ones too. What a leader sent before it was cut
 * off may come when the network is back: the server gives such a request up.
 */
export function usurpations(writes: readonly Write[], writers: readonly string[]): Write[] {
  const ruled = reigns(writes);
  return writes.filter(
    ({resource, byPod, atMs, status}) =>
      resource !== 'leases' &&
      status !== GIVEN_UP &&
      writers.includes(byPod) &&
      !ruled.some(({pod, beginMs, endMs}) => pod === byPod && beginMs <= atMs && atMs <= endMs),
  );
}
