import type {FrameworkCapability, FrameworkInfo} from '../../../../api/mesos/v1/common.ts';

// Rules for names and ids, and what a FrameworkInfo says about roles and capabilities.

/** @returns what is wrong with a role's name, or undefined */
export function roleProblem(role: string): string | undefined {
  if (role === '*') return undefined;
  const bad = role.split('/').find(part => !isRolePart(part));
  return bad === undefined ? undefined : `Role '${role}' has the invalid component '${bad}'`;
}

const isRolePart = (part: string): boolean =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: backspace and DEL are what is forbidden
  part !== '' &&
  part !== '.' &&
  part !== '..' &&
  part !== '*' &&
  !part.startsWith('-') &&
  !/[\s\u0008\u007f]/.test(part);

/** @returns what is wrong with the id of a task, executor, framework or volume, or undefined */
export function idProblem(id: string): string | undefined {
  if (id === '') return 'ID must not be empty';
  if (id.length > 255) return `ID must not be longer than 255 bytes`;
  if (id === '.' || id === '..') return `'${id}' is disallowed`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is forbidden
  return /[/\\\u0000-\u001f\u007f]/.test(id) ? `'${id}' contains invalid characters` : undefined;
}

export const hasCapability = (info: FrameworkInfo, capability: FrameworkCapability): boolean =>
  info.capabilities?.some(({type}) => type === capability) ?? false;

/** The roles under which a framework gets offers. */
export const rolesOf = (info: FrameworkInfo): readonly string[] =>
  hasCapability(info, 'MULTI_ROLE') ? (info.roles ?? []) : [info.role ?? '*'];

export const isPartitionAware = (info: FrameworkInfo): boolean => hasCapability(info, 'PARTITION_AWARE');
