import {Type} from 'typebox';
import {defineKind, type ObjectOf} from './kind.ts';
import {boundedMap, Conditions, mapOf, rules, text, within} from './schema.ts';
import {TaskPolicySpec} from './task-policy.ts';

const amounts = (description: string) => mapOf(Type.Unsafe<number>({type: 'number', minimum: 0}), {description});

const wantedAmounts = (description: string) =>
  boundedMap(Type.Unsafe<number>({type: 'number', minimum: 0, ...within('maximum', 'amount')}), 'resourceNames', {
    description,
  });

export const MESOS_ROLES = defineKind({
  plural: 'mesosroles',
  singular: 'mesosrole',
  kind: 'MesosRole',
  shortNames: ['mr'],
  description:
    'How a role is treated when resources are handed out: its weight, what it is guaranteed, and what it is limited to. ' +
    'A role without such an object has weight 1 and no quota.',
  columns: [
    {name: 'Role', type: 'string', jsonPath: '.status.role'},
    {name: 'Weight', type: 'number', jsonPath: '.status.weight'},
    {
      name: 'Share',
      type: 'number',
      jsonPath: '.status.dominantShare',
      description: 'Dominant share over weight, 0 to 1.',
    },
    {name: 'Frameworks', type: 'integer', jsonPath: '.status.frameworks'},
    {name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status'},
    {
      name: 'Reason',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
      description: 'Why what the spec says is not in effect.',
      priority: 1,
    },
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
      weight: Type.Optional(
        Type.Number({
          minimum: 0.000001,
          ...within('maximum', 'amount'),
          description: 'Its part compared with its siblings; above 0. When absent it counts as 1.',
          // An API server compares whole numbers with a whole minimum, so 0 would pass.
          ...rules({rule: 'self > 0.0', message: 'weight must be above 0'}),
        }),
      ),
      guarantee: Type.Optional(
        wantedAmounts(
          'What is held back for the role as long as it has less, by resource name: `cpus`, `mem` and `disk` in MiB. ' +
            'Top-level roles only.',
        ),
      ),
      limit: Type.Optional(
        wantedAmounts(
          'The most that the role and those below it get beside reservations, by resource name; no limit for what is ' +
            'not named. Top-level roles only.',
        ),
      ),
      tasks: Type.Optional(TaskPolicySpec),
      force: Type.Optional(
        Type.Boolean({
          description:
            'Also in effect when all guarantees together are more than the cluster has, or the role has more than the limit.',
        }),
      ),
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
    weight: Type.Optional(Type.Number({description: 'In effect.'})),
    guarantee: Type.Optional(amounts('In effect.')),
    limit: Type.Optional(amounts('In effect.')),
    consumption: Type.Optional(
      amounts('What counts for quota: reserved for the role and those below it, and in use by them. Offers do not.'),
    ),
    headroom: Type.Optional(
      amounts('What is held back for the role now: its guarantee without what it has or is offered.'),
    ),
    dominantShare: Type.Optional(Type.Number({minimum: 0})),
    frameworks: Type.Optional(Type.Integer({minimum: 0})),
    allocated: Type.Optional(amounts('Offered or in use, by resource name.')),
    tasks: Type.Optional(TaskPolicySpec),
  }),
});

export type MesosRole = ObjectOf<typeof MESOS_ROLES>;
