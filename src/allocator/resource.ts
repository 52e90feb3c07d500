import type {Value} from './value.ts';

/** One step of a reservation stack. The last step is the narrowest: its role may use the resource. */
export type Reservation = {
  readonly type: 'STATIC' | 'DYNAMIC';
  readonly role: string;
  readonly principal?: string;
  readonly labels?: readonly {readonly key: string; readonly value?: string}[];
};

/** What makes one disk different from another. */
export type Disk = {
  readonly persistence?: {readonly id: string; readonly principal?: string};
  readonly volume?: {readonly containerPath: string; readonly mode: 'RW' | 'RO'};
  readonly source?: {
    readonly type: 'PATH' | 'MOUNT' | 'BLOCK' | 'RAW';
    readonly root?: string;
    readonly id?: string;
    readonly vendor?: string;
    readonly profile?: string;
  };
};

/**
 * An amount with its identity: resources of different identity never merge. For which role it was handed out is kept
 * beside it (an allocation), not in it.
 */
export type Resource = {
  /** `cpus` in cores, `mem` and `disk` in MiB, `gpus` whole, `ports` as ranges, or the agent's own. */
  readonly name: string;
  readonly value: Value;
  /** Empty: anybody may use it. */
  readonly reservations?: readonly Reservation[];
  readonly disk?: Disk;
  /** May be taken back at any time. */
  readonly revocable?: boolean;
  /** May be handed out several times at once. */
  readonly shared?: boolean;
  readonly providerId?: string;
};

/** The role that may use the resource; undefined: every role. */
export const reservedTo = (resource: Resource): string | undefined => resource.reservations?.at(-1)?.role;

/** Whether the resource can only be had as a whole: a mount, a block device, a volume with data on it. */
export function isWhole({disk, shared}: Resource): boolean {
  const source = disk?.source?.type;
  return shared === true || disk?.persistence !== undefined || source === 'MOUNT' || source === 'BLOCK';
}

/** What stays free however often it is handed out. */
export const isShared = ({shared}: Resource): boolean => shared === true;

/** Equal for resources that merge, different for all others; begins with the name, so that it also sorts. */
export function identityOf(resource: Resource): string {
  const {name, value, reservations = [], disk, revocable, shared, providerId} = resource;
  const plain = reservations.length === 0 && disk === undefined && !revocable && !shared && providerId === undefined;
  if (plain) return `${name}|${value.kind}`;
  const parts = [reservations.map(reservationParts), diskParts(disk), revocable ?? false, shared ?? false, providerId];
  const size = isWhole(resource) ? JSON.stringify(value) : '';
  return `${name}|${value.kind}|${JSON.stringify(parts)}${size}`;
}

// Lists instead of objects: the order of an object's keys is no part of an identity.
const reservationParts = ({type, role, principal, labels = []}: Reservation): unknown[] => [
  type,
  role,
  principal,
  labels.map(({key, value}) => [key, value]),
];

function diskParts(disk: Disk | undefined): unknown[] {
  const {persistence, volume, source} = disk ?? {};
  return [
    [persistence?.id, persistence?.principal],
    [volume?.containerPath, volume?.mode],
    [source?.type, source?.root, source?.id, source?.vendor, source?.profile],
  ];
}
