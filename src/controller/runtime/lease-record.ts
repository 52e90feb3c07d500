import {microTime} from '../../kube/micro-time.ts';
import {LEASES} from '../../kube/kinds.ts';
import {apiVersionOf} from '../../kube/resource-path.ts';
import type {KubeObject} from '../../kube/types.ts';

/** Jitter of the pause between attempts to get the Lease, as in client-go: the pause is up to so many times longer. */
export const RETRY_JITTER = 1.2;

/** What a Lease says; an empty `holder` means that it was released. */
export type LeaseRecord = {
  readonly holder: string;
  readonly durationMs: number;
  readonly acquireTime: string | undefined;
  readonly renewTime: string | undefined;
  readonly transitions: number;
  readonly annotations: Readonly<Record<string, string>>;
};

export function decodeLease({metadata, spec}: KubeObject): LeaseRecord {
  const fields = typeof spec === 'object' && spec !== null ? Object.fromEntries(Object.entries(spec)) : {};
  const {holderIdentity, leaseDurationSeconds, acquireTime, renewTime, leaseTransitions} = fields;
  return {
    holder: typeof holderIdentity === 'string' ? holderIdentity : '',
    durationMs: typeof leaseDurationSeconds === 'number' ? leaseDurationSeconds * 1000 : 0,
    acquireTime: typeof acquireTime === 'string' ? acquireTime : undefined,
    renewTime: typeof renewTime === 'string' ? renewTime : undefined,
    transitions: typeof leaseTransitions === 'number' ? leaseTransitions : 0,
    annotations: metadata.annotations ?? {},
  };
}

export type LeaseClaim = {
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  readonly durationMs: number;
  readonly annotations: Readonly<Record<string, string>>;
};

/** The Lease as `identity` writes it to take or keep it; `held` is what is there now, if anything is. */
export function claimLease(claim: LeaseClaim, held: KubeObject | undefined, nowMs: number): KubeObject {
  const before = held && decodeLease(held);
  const mine = before?.holder === claim.identity;
  const now = microTime(nowMs);
  return leaseObject(claim, held, {
    holderIdentity: claim.identity,
    leaseDurationSeconds: Math.max(1, Math.ceil(claim.durationMs / 1000)),
    acquireTime: (mine && before.acquireTime) || now,
    renewTime: now,
    leaseTransitions: before ? before.transitions + (mine ? 0 : 1) : 0,
  });
}

/** The Lease given back, so that nobody has to wait for it to run out. */
export function releaseLease(claim: LeaseClaim, held: KubeObject, nowMs: number): KubeObject {
  const now = microTime(nowMs);
  const {transitions} = decodeLease(held);
  return leaseObject({...claim, annotations: {}}, held, {
    holderIdentity: '',
    leaseDurationSeconds: 1,
    acquireTime: now,
    renewTime: now,
    leaseTransitions: transitions,
  });
}

function leaseObject(
  {namespace, name, annotations}: LeaseClaim,
  held: KubeObject | undefined,
  spec: object,
): KubeObject {
  const metadata = {...held?.metadata, namespace, name, annotations: {...held?.metadata.annotations, ...annotations}};
  return {apiVersion: apiVersionOf(LEASES), kind: LEASES.kind, metadata, spec};
}
