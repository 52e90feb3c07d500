import {parseAttributes} from '../controller/mesos/objects/attributes.ts';
import {oversubscribedResources, reportedResources} from '../controller/mesos/objects/reported-resources.ts';
import {parseItems} from '../executor-shim/agent/agent-resources.ts';
import {parseNodeResources} from '../executor-shim/agent/node-resources.ts';
import {type FlagSchema, type FlagType} from '../lib/flags.ts';
import {err, type Result} from '../lib/result.ts';

/** Text that is passed on as it is, once its reader has found nothing wrong with it. */
const checked = (
  want: string,
  check: (text: string) => Result<unknown, string>,
  schema: FlagSchema,
): FlagType<string> => ({
  want,
  parse: text => {
    const read = text === '' ? undefined : check(text);
    return read === undefined || read.ok ? {ok: true, value: text} : err(`want ${want}, got "${text}": ${read.error}`);
  },
  format: text => text,
  schema,
});

const NAME = '[^:();{}\\[\\]\\s]+';
const ROLE = '(\\s*\\([^()\\s]+\\))?';
const NUMBER = '[0-9]+(\\.[0-9]+)?';
const RANGES = '\\[\\s*[0-9]+\\s*-\\s*[0-9]+\\s*(,\\s*[0-9]+\\s*-\\s*[0-9]+\\s*)*\\]';
const SET = '\\{[^{}\\[\\];:]*\\}';
const listOf = (item: string): string => `\\s*(${item}\\s*(;\\s*${item}\\s*)*;?)?\\s*`;
const RESOURCE = `${NAME}${ROLE}\\s*:\\s*(${NUMBER}|${RANGES}|${SET})`;
/** An expression has no "but not": these are the two kinds of value that a known name may not have. */
const MISFITS = `(^|;)\\s*((cpus|mem|disk|gpus)${ROLE}\\s*:\\s*[\\[{]|ports${ROLE}\\s*:\\s*[0-9{])`;

/** `cpus:4;mem(web):8192;ports:[31000-32000]`, or a JSON list of resources of the v1 API. */
export const resourceList = checked(
  'resources such as cpus:4;mem:8192;ports:[31000-32000]',
  text => {
    // The agent's own reader first: it names the item.
    const items = text.trimStart().startsWith('[') ? undefined : parseItems(text);
    return items?.ok === false ? items : reportedResources(text);
  },
  {
    type: 'string',
    pattern: `^(${listOf(RESOURCE)}|\\s*\\[[\\s\\S]*\\]\\s*)$`,
    not: {type: 'string', pattern: MISFITS},
  },
);

/** `cpus:2;mem:512`: scalars of no role. */
export const scalarList = checked(
  'amounts such as cpus:2;mem:512',
  text => {
    const items = parseItems(text);
    return items.ok ? oversubscribedResources(text) : items;
  },
  {type: 'string', pattern: `^${listOf(`${NAME}\\s*:\\s*${NUMBER}`)}$`},
);

/** The same of what a node has. */
export const headroom = checked(
  'amounts of cpus, mem, disk or gpus such as cpus:0.2;mem:256',
  text => {
    const items = parseItems(text);
    return items.ok && !parseNodeResources('', text).ok ? err('there is something else in it') : items;
  },
  {type: 'string', pattern: `^${listOf(`(cpus|mem|disk|gpus)\\s*:\\s*${NUMBER}`)}$`},
);

/** `rack:r1;zone:a`. */
export const attributeList = checked('attributes such as rack:r1;zone:a', parseAttributes, {
  type: 'string',
  pattern: `^${listOf(`[^:;\\s][^:;]*:\\s*(${RANGES}|${SET}|[^;\\[{\\s][^;]*)`)}$`,
});
