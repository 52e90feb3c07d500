import {Type} from 'typebox';
import {defineKind, type ObjectOf} from './kind.ts';
import {Conditions, free, mapOf, rules, text, time, within} from './schema.ts';

const amounts = (description: string) =>
  mapOf(Type.Unsafe<number>({type: 'number', minimum: 0}), {
    description: `${description} Cores, MiB and counts by resource name.`,
  });

/** A scalar in the text form. */
const AMOUNT = '[^:();\\s]+:[0-9]+([.][0-9]+)?';

export const MESOS_AGENTS = defineKind({
  plural: 'mesosagents',
  singular: 'mesosagent',
  kind: 'MesosAgent',
  shortNames: ['ma', 'agents'],
  description:
    'A node that offers its resources to the master. The agent writes the spec and renews a Lease; the master writes the status.',
  columns: [
    {
      name: 'Ready',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether the master hands out its resources.',
    },
    {name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason'},
    {
      name: 'Schedulable',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Schedulable")].reason',
      description: 'Whether it gets offers, and if not, why.',
    },
    {name: 'Tasks', type: 'integer', jsonPath: '.status.tasks', description: 'Tasks that are not terminal.'},
    {name: 'CPUs', type: 'number', jsonPath: '.status.total.cpus', description: 'Cores offered.'},
    {name: 'Mem', type: 'number', jsonPath: '.status.total.mem', description: 'MiB offered.'},
    {name: 'Used CPUs', type: 'number', jsonPath: '.status.used.cpus', priority: 1},
    {name: 'Used Mem', type: 'number', jsonPath: '.status.used.mem', priority: 1},
    {name: 'Host', type: 'string', jsonPath: '.spec.hostname', priority: 1},
    {name: 'Agent Id', type: 'string', jsonPath: '.status.agentId', priority: 1},
    {name: 'Message', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].message', priority: 1},
    {name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp'},
  ],
  spec: Type.Object(
    {
      nodeName: text({minLength: 1, maxLength: 253, description: 'The Kubernetes node on which tasks run as pods.'}),
      hostname: text({
        minLength: 1,
        maxLength: 253,
        description: 'What frameworks see as the agent’s host; pods are reached there.',
      }),
      port: Type.Optional(
        Type.Integer({minimum: 0, maximum: 65535, description: 'Where the agent answers over HTTP.'}),
      ),
      resources: text({
        minLength: 1,
        maxLength: 16384,
        description:
          'What is offered, in Mesos’s text form, `cpus:4;mem:8192;disk:20480;ports:[31000-32000]`, or as a JSON list of resources of the v1 API.',
      }),
      oversubscribed: Type.Optional(
        text({
          maxLength: 4096,
          // What is no estimate is refused, rather than taking the whole agent out of use.
          pattern: `^(${AMOUNT}(;${AMOUNT})*)?$`,
          description:
            'What is allocated but not used, by an estimate: offered beside `resources`, as revocable, to frameworks with REVOCABLE_RESOURCES. Scalars in the text form: `cpus:2`.',
        }),
      ),
      maxTasks: Type.Optional(
        Type.Integer({
          minimum: 0,
          ...within('maximum', 'instances'),
          description: 'More tasks at a time the node does not take; absent: no limit.',
        }),
      ),
      attributes: Type.Optional(
        text({maxLength: 16384, description: 'Attributes in Mesos’s text form: `rack:r1;zone:a`.'}),
      ),
      domain: Type.Optional(
        Type.Object(
          {region: text({minLength: 1, maxLength: 253}), zone: text({minLength: 1, maxLength: 253})},
          {description: 'The fault domain.'},
        ),
      ),
      unschedulable: Type.Optional(
        Type.Object(
          {
            reason: text({pattern: '^[A-Z][A-Za-z]*$', maxLength: 128, description: 'One word in CamelCase.'}),
            message: text({maxLength: 1024, description: 'For people.'}),
          },
          {description: 'Why the node takes no more tasks; those that run go on. Absent: it takes some.'},
        ),
      ),
      deactivated: Type.Optional(
        Type.Boolean({description: 'For the operator: no offers of this agent; tasks that run go on.'}),
      ),
      drain: Type.Optional(
        Type.Object(
          {
            maxGracePeriodSeconds: Type.Optional(
              Type.Integer({
                minimum: 0,
                ...within('maximum', 'seconds'),
                description: 'No task gets more than that to end; absent: what it wants.',
              }),
            ),
            markGone: Type.Optional(Type.Boolean({description: 'Once empty, the agent never comes back.'})),
            requestedTime: Type.Optional(time({description: 'When it was asked for.'})),
          },
          {description: 'For the operator: no offers of this agent, and its tasks are killed.'},
        ),
      ),
      gone: Type.Optional(
        Type.Boolean({
          description: 'For the operator: the agent never comes back under its id; its tasks are gone with it.',
        }),
      ),
      version: Type.Optional(text({maxLength: 64, description: 'The agent program’s version.'})),
      bootId: Type.Optional(text({maxLength: 253, description: 'Changes when the agent process starts anew.'})),
    },
    rules(
      {
        rule: 'self.nodeName == oldSelf.nodeName',
        message: 'nodeName is immutable: create another MesosAgent for another node',
      },
      {
        rule: '!(has(oldSelf.gone) && oldSelf.gone) || (has(self.gone) && self.gone)',
        message: 'an agent that is gone never comes back: delete the MesosAgent, and its node registers a new one',
      },
    ),
  ),
  status: Type.Object({
    agentId: Type.Optional(
      text({description: 'The Mesos agent id, given by the master that admitted the agent first.'}),
    ),
    conditions: Type.Optional(Conditions),
    observedGeneration: Type.Optional(Type.Integer()),
    registeredTime: Type.Optional(time()),
    reregisteredTime: Type.Optional(time()),
    unreachableTime: Type.Optional(time()),
    tasks: Type.Optional(Type.Integer({minimum: 0, description: 'Tasks that are not terminal.'})),
    total: Type.Optional(amounts('What the agent has.')),
    used: Type.Optional(amounts('What tasks hold.')),
    offered: Type.Optional(amounts('What is on offer to frameworks now.')),
    reserved: Type.Optional(
      Type.Array(free<Record<string, unknown>>({type: 'object'}), {
        description:
          'Dynamic reservations and persistent volumes, as resources of the Mesos v1 API. The master writes them before it tells anybody.',
      }),
    ),
    operations: Type.Optional(
      Type.Array(free<Record<string, unknown>>({type: 'object'}), {
        description: 'Operations of which their frameworks have not acknowledged the outcome yet.',
      }),
    ),
  }),
});

export type MesosAgent = ObjectOf<typeof MESOS_AGENTS>;
