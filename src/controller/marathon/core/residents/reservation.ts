import type {Resource} from '../../../../api/mesos/v1/resources.ts';
import type {Operation} from '../../../../api/mesos/v1/scheduler.ts';
import type {AppDefinition} from '../apps/app.ts';
import {toAppId, toInstanceId, type AppId, type InstanceId} from '../ids.ts';

// What is reserved for one instance of a resident app carries its name, so that it is found again.

const LABELS = {
  framework: 'marathon_framework_id',
  app: 'marathon_app_id',
  instance: 'marathon_instance_id',
} as const;

/** What is reserved for one instance, whether it runs or not. */
export type Reserved = {
  readonly agentId: string;
  /** Of the last launch on it: ids of tasks go on from there. */
  readonly incarnation: number;
};

/** Whom a reservation is for. */
export type Owner = {readonly frameworkId: string; readonly app: AppId; readonly instance: InstanceId};

/** @returns undefined for what is reserved for nobody in particular */
export function ownerOf({reservations}: Resource): Owner | undefined {
  const labels = new Map(reservations?.at(-1)?.labels?.labels?.map(({key, value = ''}) => [key, value]));
  const [frameworkId, app, instance] = [LABELS.framework, LABELS.app, LABELS.instance].map(key => labels.get(key));
  if (frameworkId === undefined || app === undefined || instance === undefined) return undefined;
  return {frameworkId, app: toAppId(app), instance: toInstanceId(instance)};
}

/** The persistent volumes of an app, by the path at which a task finds each; sizes in MiB. */
export const volumesOf = ({spec}: AppDefinition): readonly {readonly path: string; readonly size: number}[] =>
  (spec.container?.volumes ?? []).flatMap(({containerPath, persistent}) =>
    persistent === undefined || containerPath === undefined ? [] : [{path: containerPath, size: persistent.size}],
  );

export const persistenceId = (instance: InstanceId, path: string): string => {
  const [app = '', uuid = ''] = instance.split('.instance-');
  return `${app}#${path}#${uuid}`;
};

/** What a new reservation is made of: the operations, and the resources of the task after them. */
export type NewReservation = {readonly operations: readonly Operation[]; readonly resources: readonly Resource[]};

/**
 * Reserves scalars for one instance, and makes its volumes of the disk among them.
 *
 * @param taken scalars out of an offer: all that the instance needs, volumes included
 */
export function reserveFor(
  {frameworkId, app, instance}: Owner,
  definition: AppDefinition,
  taken: readonly Resource[],
): NewReservation {
  const labels = {
    labels: [
      {key: LABELS.framework, value: frameworkId},
      {key: LABELS.app, value: app},
      {key: LABELS.instance, value: instance},
    ],
  };
  const reservation = {type: 'DYNAMIC' as const, role: definition.role, labels};
  const reserved = taken.map(({role: _role, reservations = [], ...rest}) => ({
    ...rest,
    reservations: [...reservations, reservation],
  }));
  const disk = reserved.find(({name}) => name === 'disk');
  const sizes = volumesOf(definition);
  const volumes = sizes.map(({path, size}): Resource => ({
    ...(disk ?? {name: 'disk', type: 'SCALAR'}),
    scalar: {value: size},
    disk: {
      persistence: {id: persistenceId(instance, path)},
      volume: {container_path: path, mode: 'RW'},
    },
  }));
  const left = (disk?.scalar?.value ?? 0) - sizes.reduce((sum, {size}) => sum + size, 0);
  const others = reserved.filter(it => it !== disk);
  return {
    operations: [
      {type: 'RESERVE', reserve: {resources: reserved}},
      {type: 'CREATE', create: {volumes}},
    ],
    resources: [...others, ...(disk !== undefined && left > 0 ? [{...disk, scalar: {value: left}}] : []), ...volumes],
  };
}

/** Destroys what is in a reservation, and gives it back. */
export function giveBack(resources: readonly Resource[]): readonly Operation[] {
  const volumes = resources.filter(({disk}) => disk?.persistence !== undefined);
  const emptied = resources.map(({disk, ...rest}) =>
    disk?.persistence === undefined ? {...rest, ...(disk !== undefined && {disk})} : rest,
  );
  return [
    ...(volumes.length > 0 ? [{type: 'DESTROY' as const, destroy: {volumes}}] : []),
    {type: 'UNRESERVE', unreserve: {resources: emptied}},
  ];
}
