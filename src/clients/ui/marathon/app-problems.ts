import {ApiError, fieldOf, textOf} from '../shared/api.ts';

/** What is wrong with a definition: by the path of its field, as in `container.docker.image`, and in general. */
export type Problems = {readonly general: readonly string[]; readonly fields: Readonly<Record<string, string>>};

/** What can be told without asking; the server knows all the rules. */
export function checkDefinition(definition: Readonly<Record<string, unknown>>): Problems {
  const fields: Record<string, string> = {};
  const {id, cpus, mem, disk, gpus, instances, cmd, args, container, pods} = definition;
  if (typeof id !== 'string' || id === '' || id === '/') fields['id'] = 'Specify an id, as in /web';
  else if (/\s/.test(id)) fields['id'] = 'An id has no spaces';
  else if (id.includes('//') || id.endsWith('/')) fields['id'] = 'An id has no empty parts';
  else if (!/^[a-z0-9./-]+$/.test(id)) fields['id'] = 'An id has lower-case letters, digits, hyphens, dots and slashes';
  if (!atLeast(cpus, 0.01)) fields['cpus'] = 'CPUs: want 0.01 or more';
  if (!atLeast(mem, 32)) fields['mem'] = 'Memory: want 32 MiB or more';
  if (disk !== undefined && !atLeast(disk, 0)) fields['disk'] = 'Disk: want 0 MiB or more';
  if (gpus !== undefined && !(Number.isInteger(gpus) && atLeast(gpus, 0)))
    fields['gpus'] = 'GPUs: want a whole number, 0 or more';
  if (!(Number.isInteger(instances) && atLeast(instances, 0)))
    fields['instances'] = 'Instances: want a whole number, 0 or more';
  const image = fieldOf(fieldOf(container, 'docker'), 'image');
  if (typeof image === 'string' && /\s/.test(image)) fields['container.docker.image'] = 'An image has no spaces';
  const runs =
    [cmd, image].some(value => typeof value === 'string' && value !== '') || (Array.isArray(args) && args.length > 0);
  if (!runs && pods === undefined) fields['cmd'] = 'Specify a command, or an image that has one';
  return {general: [], fields};
}

const atLeast = (value: unknown, least: number): boolean => typeof value === 'number' && value >= least;

const WORDS: Readonly<Record<string, string>> = {
  'error.path.missing': 'Specify a path',
  'error.minLength': 'May not be blank',
  'error.expected.jsnumber': 'A number is expected',
  'error.expected.jsstring': 'A string is expected',
};

/** The server's refusal, each text at its field. */
export function problemsOf(error: unknown): Problems {
  if (!(error instanceof ApiError)) return {general: [textOf(error)], fields: {}};
  const details = fieldOf(error.body, 'details');
  if (!Array.isArray(details)) return {general: [error.message], fields: {}};
  const fields: Record<string, string> = {};
  const general: string[] = [];
  for (const detail of details) {
    const path = pathOf(fieldOf(detail, 'path'));
    const texts = fieldOf(detail, 'errors');
    const text = (Array.isArray(texts) ? texts : []).map(one => WORDS[String(one)] ?? String(one)).join('; ');
    if (path === '') general.push(text);
    else fields[path] = text;
  }
  return {
    general:
      general.length === 0
        ? [error.message, ...Object.entries(fields).map(([path, text]) => `${path}: ${text}`)]
        : general,
    fields,
  };
}

/** `/portDefinitions(0)/port` is `portDefinitions.0.port`. */
const pathOf = (path: unknown): string =>
  typeof path === 'string'
    ? path
        .split(/[/.()[\]]+/)
        .filter(part => part !== '')
        .join('.')
    : '';
