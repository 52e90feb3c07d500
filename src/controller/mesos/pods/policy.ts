import {TASK_RULES, type TaskPolicy, type TaskRule} from '../../../crds/task-policy.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {trimEndOf} from '../../../lib/trim.ts';

/** What Pod Security `baseline` lets a container add; container engines give these to everybody. */
export const BASELINE_CAPABILITIES: readonly string[] = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];

/** The end of every refusal: the rule, and who can change it. */
export const notAllowed = (what: string, rule: TaskRule): string =>
  `${what} not allowed by the rule ${rule}: see --${TASK_RULES[rule].flag}, or spec.tasks of the role's MesosRole`;

/** Whether a name is listed. `*` at the end of an entry stands for any rest. */
export const isListed = (name: string, list: readonly string[]): boolean =>
  list.some(entry => (entry.endsWith('*') ? name.startsWith(entry.slice(0, -1)) : name === entry));

/** A path of the node as it may be mounted. @returns why it may not */
export function allowedHostPath(path: string, {hostPaths}: TaskPolicy): Result<string, string> {
  const names = path.split('/').filter(name => name !== '' && name !== '.');
  if (names.includes('..')) return err(`host path '${path}' must not contain '..'`);
  const plain = `/${names.join('/')}`;
  const isBelow = (allowed: string): boolean => {
    const root = trimEndOf(allowed, '/');
    return plain === root || plain.startsWith(`${root}/`);
  };
  return hostPaths.some(isBelow) ? ok(plain) : err(notAllowed(`host path '${plain}' is`, 'hostPaths'));
}

const plainCapability = (name: string): string => name.toUpperCase().replace(/^CAP_/, '');

/** A capability's name as Kubernetes wants it. @returns why it may not be had */
export function allowedCapability(name: string, {capabilities, privileged}: TaskPolicy): Result<string, string> {
  const plain = plainCapability(name);
  return privileged || capabilities.map(plainCapability).some(each => each === 'ALL' || each === plain)
    ? ok(plain)
    : err(notAllowed(`capability ${plain} is`, 'capabilities'));
}

const OBJECT_NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
const SECRET_KEY = /^[\w.-]{1,253}$/;

/** A Secret that a task names, and maybe a key of it. @returns why it may not */
export function secretProblem({name, key}: {name: string; key?: string}, {secrets}: TaskPolicy): string | undefined {
  if (!OBJECT_NAME.test(name)) return `'${name}' cannot be the name of a Secret`;
  if (key !== undefined && (!SECRET_KEY.test(key) || /^[.]{1,2}$|[.]{2}/.test(key))) {
    return `'${key}' cannot be a key of a Secret`;
  }
  return isListed(name, secrets) ? undefined : notAllowed(`Secret '${name}' is`, 'secrets');
}

/** A PersistentVolumeClaim that a task names. @returns why it may not */
export function claimProblem(name: string, {claims}: TaskPolicy): string | undefined {
  if (!OBJECT_NAME.test(name)) return `'${name}' cannot be the name of a PersistentVolumeClaim`;
  return isListed(name, claims) ? undefined : notAllowed(`PersistentVolumeClaim '${name}' is`, 'claims');
}

/** `registry:5000/path/name:tag@digest`. What begins otherwise would be an option to a container engine. */
const IMAGE = /^[A-Za-z0-9][\w.:/@+-]{0,511}$/;

/** An image that a task names. @returns why it may not */
export function imageProblem(image: string, {images}: TaskPolicy): string | undefined {
  if (!IMAGE.test(image) || image.includes('..')) return `'${image}' cannot be the name of an image`;
  return isListed(image, images) ? undefined : notAllowed(`image '${image}' is`, 'images');
}

/** A path in a container. @returns why nothing can be mounted there */
export function mountPathProblem(path: string): string | undefined {
  const names = path.split('/').filter(name => name !== '' && name !== '.');
  if (names.length === 0) return 'the path in the container must not be empty';
  if (names.includes('..')) return "the path in the container must not contain '..'";
  return path.includes(':') ? "the path in the container must not contain ':'" : undefined;
}

export const PRIVILEGED_REFUSED = notAllowed('privileged containers are', 'privileged');
