import {Type} from 'typebox';
import {defineKind, type ObjectOf} from './kind.ts';
import {boundedList, boundedText, Conditions, free, mapOf, time, word} from './schema.ts';

export const MESOS_FRAMEWORKS = defineKind({
  plural: 'mesosframeworks',
  singular: 'mesosframework',
  kind: 'MesosFramework',
  shortNames: ['mf', 'frameworks'],
  description:
    'A scheduler that subscribed to the master. The master creates it on the first SUBSCRIBE; deleting it is the teardown: its tasks are killed and its id is never taken again.',
  columns: [
    {name: 'Framework', type: 'string', jsonPath: '.spec.frameworkInfo.name'},
    {name: 'Phase', type: 'string', jsonPath: '.status.phase'},
    {name: 'Tasks', type: 'integer', jsonPath: '.status.tasks', description: 'Tasks that are not terminal.'},
    {name: 'Offers', type: 'integer', jsonPath: '.status.offers', description: 'Offers not yet answered.'},
    {name: 'Roles', type: 'string', jsonPath: '.spec.frameworkInfo.roles', priority: 1},
    {name: 'User', type: 'string', jsonPath: '.spec.frameworkInfo.user', priority: 1},
    {name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp'},
  ],
  spec: Type.Object({
    frameworkInfo: free<Record<string, unknown>>({
      type: 'object',
      description: 'The FrameworkInfo of the last subscription, as in the Mesos v1 API.',
    }),
    suppressedRoles: Type.Optional(
      boundedList(boundedText('keyLength'), 'rolesOfFramework', {
        description: 'Roles for which the framework wants no offers at present.',
      }),
    ),
  }),
  status: Type.Object({
    phase: Type.Optional(
      word(['Active', 'Inactive', 'Disconnected', 'Recovered', 'Removed'], {
        description: 'Recovered: known from an earlier master and not back yet.',
      }),
    ),
    conditions: Type.Optional(Conditions),
    observedGeneration: Type.Optional(Type.Integer()),
    registeredTime: Type.Optional(time()),
    reregisteredTime: Type.Optional(time()),
    disconnectedTime: Type.Optional(time()),
    failoverDeadline: Type.Optional(time({description: 'When a disconnected framework is removed.'})),
    tasks: Type.Optional(Type.Integer({minimum: 0})),
    offers: Type.Optional(Type.Integer({minimum: 0})),
    used: Type.Optional(mapOf(Type.Unsafe<number>({type: 'number', minimum: 0}))),
  }),
});

export type MesosFramework = ObjectOf<typeof MESOS_FRAMEWORKS>;
