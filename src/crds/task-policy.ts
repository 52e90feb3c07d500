import {Type} from 'typebox';
import {text, word} from './schema.ts';
import type {DeepReadonly} from '../lib/deep-readonly.ts';

/** The names of Kubernetes's Pod Security Standards: what a task's pod is given when it asks for nothing special. */
export const SECURITY_LEVELS = ['privileged', 'baseline', 'restricted'] as const;
/** `with-ports`: tasks with host ports have the node's network, the others their pod's own. */
export const HOST_NETWORK_RULES = ['never', 'with-ports', 'always'] as const;

/** A rule of what tasks may do: the flag that sets it for the whole namespace, and what it allows. */
type Rule = {readonly flag: string; readonly allows: string};

const NAMES = 'a `*` at the end stands for any rest';

/** Every rule, by its field in a MesosRole. Flags, kind, messages and documentation are made from this table. */
export const TASK_RULES = {
  podSecurity: {
    flag: 'task_pod_security',
    allows: 'The level of Pod Security that the pods of tasks are to pass when they ask for nothing special.',
  },
  privileged: {
    flag: 'allow_privileged',
    allows: 'Privileged containers, every capability, no seccomp profile, and mounts that show on the node.',
  },
  capabilities: {
    flag: 'allowed_capabilities',
    allows: 'Capabilities that tasks may add, without CAP_; ALL for every one.',
  },
  hostPaths: {
    flag: 'allow_host_paths',
    allows: 'Directories of the nodes that tasks may mount or fetch from, with all below them; / for everything.',
  },
  hostNetwork: {
    flag: 'allow_host_network',
    allows: 'The node’s network: never, always, or with-ports, for tasks that have host ports.',
  },
  hostPorts: {flag: 'allow_host_ports', allows: 'Ports of the node.'},
  images: {flag: 'allowed_images', allows: `Container images, by name; ${NAMES}.`},
  users: {
    flag: 'allowed_users',
    allows: 'Users of the processes: numbers, root, non-root (anybody but root), or * for everybody.',
  },
  secrets: {flag: 'allowed_secrets', allows: `Secrets of the namespace, by name; ${NAMES}.`},
  claims: {flag: 'allowed_claims', allows: `PersistentVolumeClaims of the namespace, by name; ${NAMES}.`},
  fetchSchemes: {
    flag: 'allowed_fetch_schemes',
    allows: 'Schemes of URIs to fetch: http, https and file (below the hostPaths).',
  },
} as const satisfies Readonly<Record<string, Rule>>;

export type TaskRule = keyof typeof TASK_RULES;

const described = (rule: TaskRule) => ({description: TASK_RULES[rule].allows});
const flag = (rule: TaskRule) => Type.Optional(Type.Boolean(described(rule)));
const names = (rule: TaskRule) =>
  Type.Optional(
    Type.Array(text({maxLength: 1024}), {maxItems: 256, 'x-kubernetes-list-type': 'set', ...described(rule)}),
  );

/** `spec.tasks` of a MesosRole. A field that is absent is as for the role above, and in the end as the master's flags say. */
export const TaskPolicySpec = Type.Object(
  {
    podSecurity: Type.Optional(word(SECURITY_LEVELS, described('podSecurity'))),
    privileged: flag('privileged'),
    capabilities: names('capabilities'),
    hostPaths: names('hostPaths'),
    hostNetwork: Type.Optional(word(HOST_NETWORK_RULES, described('hostNetwork'))),
    hostPorts: flag('hostPorts'),
    images: names('images'),
    users: names('users'),
    secrets: names('secrets'),
    claims: names('claims'),
    fetchSchemes: names('fetchSchemes'),
  },
  {
    description:
      'What tasks of the role, and of the roles below it, may do. A field that is absent is as for the role above; for a top-level role, as the master’s flags say.',
  },
);

export type TaskPolicySpec = DeepReadonly<Type.Static<typeof TaskPolicySpec>>;

/** What the tasks of a role may do, every rule decided. A task that asks for more ends with TASK_ERROR. */
export type TaskPolicy = Required<TaskPolicySpec>;
