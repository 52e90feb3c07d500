import {Type} from 'typebox';
import {defineKind, type ObjectOf} from './kind.ts';
import {PATH_PATTERN} from './path-pattern.ts';
import {boundedList, boundedText, Conditions, rules, text, time} from './schema.ts';

export const MARATHON_GROUPS = defineKind({
  plural: 'marathongroups',
  singular: 'marathongroup',
  kind: 'MarathonGroup',
  shortNames: ['mgroup'],
  description:
    'What holds for all apps below a path: what they depend on, and which role they have. A group of apps needs no such ' +
    'object: it is there as long as an app is in it. With an object it is also there without apps. Deleting the object ' +
    'leaves the apps as they are; DELETE /v2/groups deletes a group with its apps.',
  columns: [
    {name: 'Group', type: 'string', jsonPath: '.status.id'},
    {name: 'Apps', type: 'integer', jsonPath: '.status.apps', description: 'Inside, at any depth.'},
    {name: 'Available', type: 'string', jsonPath: '.status.conditions[?(@.type=="Available")].status'},
    {name: 'Message', type: 'string', jsonPath: '.status.conditions[?(@.type=="Available")].message', priority: 1},
    {name: 'Depends on', type: 'string', jsonPath: '.spec.dependencies', priority: 1},
    {name: 'Version', type: 'string', jsonPath: '.status.version', priority: 1},
    {name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp'},
  ],
  spec: Type.Object(
    {
      id: Type.Optional(
        text({
          maxLength: 1024,
          pattern: PATH_PATTERN,
          description: 'The group’s absolute path. Default: `/` and metadata.name with each `.` read as `/`.',
        }),
      ),
      dependencies: Type.Optional(
        boundedList(boundedText(), 'dependencies', {
          description: 'Apps and groups that every app inside depends on: paths, absolute or relative to the group.',
        }),
      ),
      enforceRole: Type.Optional(
        Type.Boolean({description: 'Apps inside have the group’s name for their role. Top-level groups only.'}),
      ),
    },
    {
      default: {},
      ...rules({
        rule: 'has(self.id) == has(oldSelf.id) && (!has(self.id) || self.id == oldSelf.id)',
        message: 'id is immutable: create another MarathonGroup for another path',
      }),
    },
  ),
  status: Type.Object({
    conditions: Type.Optional(Conditions),
    observedGeneration: Type.Optional(Type.Integer({minimum: 0})),
    id: Type.Optional(text({description: 'The group’s path.'})),
    apps: Type.Optional(Type.Integer({minimum: 0, description: 'Apps inside, at any depth.'})),
    version: Type.Optional(time({description: 'When the group, or an app inside, last changed.'})),
  }),
});

export type MarathonGroup = ObjectOf<typeof MARATHON_GROUPS>;
export type MarathonGroupSpec = MarathonGroup['spec'];
export type MarathonGroupStatus = NonNullable<MarathonGroup['status']>;
