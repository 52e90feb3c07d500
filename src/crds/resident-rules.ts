import type {Violation} from '../api/marathon/v2/check-json.ts';
import {OTHER_NEEDS, OTHER_VOLUMES} from './marathon-app-cel.ts';
import type {MarathonAppSpec} from './marathon-app.ts';
import {isResident} from './upgrade-strategy.ts';

const violation = (path: string, message: string): Violation[] => [{path, errors: [message]}];

/** Rules of apps whose data stays on one agent. */
export function residentViolations(spec: MarathonAppSpec, defaultRole: string): readonly Violation[] {
  if (!isResident(spec)) return [];
  const {unreachableStrategy, acceptedResourceRoles, role = defaultRole} = spec;
  const strange = (acceptedResourceRoles ?? []).some(name => name !== '*');
  return [
    ...(role === '*' ? violation('/role', 'Resident apps cannot have the role *') : []),
    ...(strange ? violation('/acceptedResourceRoles', 'A resident app must have acceptedResourceRoles = ["*"].') : []),
    ...(unreachableStrategy !== undefined && unreachableStrategy !== 'disabled'
      ? violation('/unreachableStrategy', 'unreachableStrategy must be disabled for resident apps')
      : []),
    ...(spec.container?.volumes ?? []).flatMap((volume, index) =>
      volume.persistent === undefined ? [] : volumeViolations(volume, `/container/volumes(${index})`),
    ),
  ];
}

type Volume = NonNullable<NonNullable<MarathonAppSpec['container']>['volumes']>[number];

function volumeViolations({containerPath = '', mode, persistent}: Volume, path: string): readonly Violation[] {
  const onlyOnMounts = (['maxSize', 'profileName', 'constraints'] as const).filter(
    field => persistent?.[field] !== undefined,
  );
  return [
    ...(containerPath.includes('/') || ['.', '..'].includes(containerPath)
      ? violation(`${path}/containerPath`, 'must not contain "/", nor be "." or ".."')
      : []),
    ...(mode === 'RO' ? violation(`${path}/mode`, 'a persistent volume must be RW') : []),
    ...(persistent?.type === 'root'
      ? []
      : violation(`${path}/persistent/type`, 'agents here have no disks of their own: only root is supported')),
    ...onlyOnMounts.flatMap(field =>
      violation(`${path}/persistent/${field}`, 'agents here have no disks of their own: it cannot be fulfilled'),
    ),
  ];
}

/** What is reserved for an app stays as it is, so the app may not want something else. */
export function residentChangeViolations(before: MarathonAppSpec, after: MarathonAppSpec): readonly Violation[] {
  if (!isResident(before) && !isResident(after)) return [];
  if (isResident(before) !== isResident(after) || text(volumesOf(before)) !== text(volumesOf(after))) {
    return violation('/', OTHER_VOLUMES);
  }
  return text(needsOf(before)) === text(needsOf(after)) ? [] : violation('/', OTHER_NEEDS);
}

const text = (value: unknown): string => JSON.stringify(value);

const volumesOf = ({container}: MarathonAppSpec) =>
  (container?.volumes ?? []).flatMap(({containerPath, persistent}) =>
    persistent === undefined ? [] : [[containerPath, persistent.type, persistent.size]],
  );

const needsOf = ({cpus, mem, disk, gpus, requirePorts, container}: MarathonAppSpec) => [
  ...[cpus, mem, disk, gpus, requirePorts],
  ...(container?.portMappings ?? []).map(({hostPort}) => hostPort ?? 'none'),
];
