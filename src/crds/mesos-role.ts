import {Type} from 'typebox';
import {defineKind, type ObjectOf} from './kind.ts';
import {Conditions, mapOf, rules, text} from './schema.ts';

const amounts = (description: string) => mapOf(Type.Unsafe<number>({type: 'number', minimum: 0}), {description});

export const MESOS_ROLES = defineKind({
  plural: 'mesosroles',
  singular: 'mesosrole',
  kind: 'MesosRole',
  shortNames: ['mr'],
  description: 'How a role is treated when resources are handed out. A role without such an object has weight 1.',
  columns: [
    {name: 'Role', type: 'string', jsonPath: '.status.role'},
    {name: 'Weight', type: 'number', jsonPath: '.spec.weight'},
    {
      name: 'Share',
      type: 'number',
      jsonPath: '.status.dominantShare',
      description: 'Dominant share over weight, 0 to 1.',
    },
    {name: 'Frameworks', type: 'integer', jsonPath: '.status.frameworks'},
    {name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp'},
  ],
  spec: Type.Object(
    {
      role: Type.Optional(
        text({
          maxLength: 1024,
          pattern: '^(\\*|[^/\\s.*-][^/\\s]*(/[^/\\s.*-][^/\\s]*)*)$',
          description: 'The role’s path, for example `eng/ads`. Default: metadata.name.',
        }),
      ),
      weight: Type.Number({
        default: 1,
        minimum: 0.000001,
        description: 'Its part compared with its siblings; above 0.',
        // An API server compares whole numbers with a whole minimum, so 0 would pass.
        ...rules({rule: 'self > 0.0', message: 'weight must be above 0'}),
      }),
    },
    rules({
      rule: 'has(self.role) == has(oldSelf.role) && (!has(self.role) || self.role == oldSelf.role)',
      message: 'role is immutable: create another MesosRole for another role',
    }),
  ),
  status: Type.Object({
    role: Type.Optional(text()),
    conditions: Type.Optional(Conditions),
    observedGeneration: Type.Optional(Type.Integer()),
    dominantShare: Type.Optional(Type.Number({minimum: 0})),
    frameworks: Type.Optional(Type.Integer({minimum: 0})),
    allocated: Type.Optional(amounts('Offered or in use, by resource name.')),
  }),
});

export type MesosRole = ObjectOf<typeof MESOS_ROLES>;
