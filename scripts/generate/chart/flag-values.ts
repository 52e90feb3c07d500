import {MASTER_FLAGS} from '../../../src/controller/flags.ts';
import {MARATHON_FLAGS} from '../../../src/controller/marathon/flags.ts';
import type {Flag, FlagTable} from '../../../src/lib/flags.ts';
import {AGENT_FLAGS} from '../../../src/programs/agent-flags.ts';
import {CONTROLLER_FLAGS} from '../../../src/programs/controller-flags.ts';
import type {ChartValue, Schema} from './value.ts';

/** Flags whose value the chart gives itself, because it depends on the pod, the Service or another value. */
const GIVEN: Readonly<Record<'controller' | 'master' | 'marathon' | 'agent', readonly string[]>> = {
  controller: ['kubeconfig', 'namespace', 'http_address', 'http_port', 'log_level', 'pod_name'],
  master: ['ip', 'port', 'advertise_ip', 'advertise_port', 'task_default_image', 'shim_image', 'node_name'],
  marathon: [],
  agent: [
    ...['name', 'namespace', 'kubeconfig', 'hostname', 'log_level', 'pods'],
    // As the master has them.
    ...['agent_ping_timeout', 'max_agent_ping_timeouts'],
    // Of nodes that run tasks as processes.
    ...['data_dir', 'gc_delay', 'recovery_timeout', 'token_file', 'agent_port', 'ip', 'port'],
  ],
};

/** One value for each flag that an operator may set. */
export const flagValues = (program: keyof typeof GIVEN): ChartValue[] =>
  Object.entries(tableOf(program))
    .filter(([name]) => !GIVEN[program].includes(name))
    .map(([name, flag]) => ({
      path: `${program}.flags.${name}`,
      fallback: null,
      help: `${flag.help} ${fallbackText(flag)}`,
      schema: schemaOf(flag),
    }));

function tableOf(program: keyof typeof GIVEN): FlagTable {
  if (program === 'master') return MASTER_FLAGS;
  if (program === 'marathon') return MARATHON_FLAGS;
  if (program === 'agent') return AGENT_FLAGS;
  const others = new Set([...Object.keys(MASTER_FLAGS), ...Object.keys(MARATHON_FLAGS)]);
  return Object.fromEntries(Object.entries(CONTROLLER_FLAGS).filter(([name]) => !others.has(name)));
}

function fallbackText({fallback, type}: Flag): string {
  const text = fallback === undefined ? '' : type.format(fallback);
  return text === '' ? '(not set)' : `(${text})`;
}

/** Null leaves the program's own default; what the schema can't say, the program does when it starts. */
function schemaOf({type}: Flag): Schema {
  const {type: kind = 'string', enum: words, item = '[^,]+', ...rest} = type.schema ?? {};
  if (kind === 'array') {
    const one = `\\s*(${item})\\s*`;
    return {
      type: ['array', 'string', 'null'],
      items: {type: 'string', pattern: `^(${item})$`},
      pattern: `^(${one}(,${one})*)?$`,
    };
  }
  return {type: [kind, 'null'], ...rest, ...(words === undefined ? {} : {enum: [...words, null]})};
}
