import {err, ok} from '../../../lib/result.ts';
import type {Result} from '../../../lib/result.ts';

/** The names of Kubernetes's Pod Security Standards: what a task's pod is given when it asks for nothing special. */
export const SECURITY_LEVELS = ['privileged', 'baseline', 'restricted'] as const;

/** What the tasks of all frameworks may ask for. Whoever asks for more gets TASK_ERROR. */
export type PodPolicy = {
  readonly security: (typeof SECURITY_LEVELS)[number];
  /** Absolute paths: volumes of the node may lie at and below them. */
  readonly hostPaths: readonly string[];
  readonly privileged: boolean;
  /** Names without `CAP_`; `ALL` stands for every one. */
  readonly capabilities: ReadonlySet<string>;
};

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

/** A path of the node as it may be mounted. @returns why it may not */
export function allowedHostPath(path: string, {hostPaths}: PodPolicy): Result<string, string> {
  const names = path.split('/').filter(name => name !== '' && name !== '.');
  if (names.includes('..')) return err(`host path '${path}' must not contain '..'`);
  const plain = `/${names.join('/')}`;
  const isBelow = (allowed: string): boolean => {
    const root = allowed.replace(/\/+$/, '');
    return plain === root || plain.startsWith(`${root}/`);
  };
  return hostPaths.some(isBelow) ? ok(plain) : err(`host path '${plain}' is not allowed: see --allow_host_paths`);
}

/** A capability's name as Kubernetes wants it. @returns why it may not be had */
export function allowedCapability(name: string, {capabilities, privileged}: PodPolicy): Result<string, string> {
  const plain = name.toUpperCase().replace(/^CAP_/, '');
  return privileged || capabilities.has('ALL') || capabilities.has(plain)
    ? ok(plain)
    : err(`capability ${plain} is not allowed: see --allowed_capabilities`);
}

export const PRIVILEGED_REFUSED = 'privileged containers are not allowed: see --allow_privileged';
