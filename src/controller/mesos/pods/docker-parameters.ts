import {idOf} from './int32.ts';
import type {DnsConfig} from './pod.ts';

/** What options of `docker run` ask of a pod. */
export type DockerWishes = {
  readonly env: Map<string, string>;
  readonly labels: Map<string, string>;
  readonly capabilities: {readonly add: string[]; readonly drop: string[]};
  readonly dns: {readonly nameservers: string[]; readonly searches: string[]; readonly options: string[]};
  readonly hostAliases: {readonly ip: string; readonly hostnames: readonly string[]}[];
  readonly sysctls: {readonly name: string; readonly value: string}[];
  readonly groups: number[];
  /** Paths that are to be held in memory. */
  readonly tmpfs: string[];
  readonly volumes: {readonly hostPath: string; readonly containerPath: string; readonly readOnly: boolean}[];
  hostname?: string;
  entrypoint?: string;
  workingDir?: string;
  user?: number;
  group?: number;
  shmBytes?: number;
  privileged?: true;
  readOnlyRoot?: true;
  noNewPrivileges?: true;
  /** Options that Kubernetes has nothing for. */
  readonly ignored: string[];
};

const noWishes = (): DockerWishes => ({
  env: new Map(),
  labels: new Map(),
  capabilities: {add: [], drop: []},
  dns: {nameservers: [], searches: [], options: []},
  hostAliases: [],
  sysctls: [],
  groups: [],
  tmpfs: [],
  volumes: [],
  ignored: [],
});

/** Takes one option in. @returns false when its value asks for something that a pod cannot do */
type Option = {readonly maps: string; readonly take: (value: string, wishes: DockerWishes) => boolean};

const option = (maps: string, take: (value: string, wishes: DockerWishes) => boolean | void): Option => ({
  maps,
  take: (value, wishes) => take(value, wishes) !== false,
});

const pair = (text: string, mark = '='): readonly [string, string] => {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)];
};

/** The options that map, by their long names: the documentation's table too. */
export const DOCKER_OPTIONS: Readonly<Record<string, Option>> = {
  'add-host': option('hostAliases', (value, {hostAliases}) => {
    const [name, ip] = pair(value, ':');
    if (ip === '') return false;
    hostAliases.push({ip, hostnames: [name]});
    return true;
  }),
  'cap-add': option('capabilities.add, as far as the policy allows', (value, {capabilities}) => {
    capabilities.add.push(value);
  }),
  'cap-drop': option('capabilities.drop', (value, {capabilities}) => {
    capabilities.drop.push(value);
  }),
  dns: option('dnsConfig.nameservers', (value, {dns}) => {
    dns.nameservers.push(value);
  }),
  'dns-option': option('dnsConfig.options', (value, {dns}) => {
    dns.options.push(value);
  }),
  'dns-search': option('dnsConfig.searches', (value, {dns}) => {
    dns.searches.push(value);
  }),
  entrypoint: option("command; the task's arguments become args", (value, wishes) => {
    wishes.entrypoint = value;
  }),
  env: option('env; variables of the task win', (value, {env}) => {
    const [name, text] = pair(value);
    env.set(name, text);
  }),
  'group-add': option('supplementalGroups; numbers only', (value, {groups}) => {
    const group = idOf(value);
    if (group !== undefined) groups.push(group);
    return group !== undefined;
  }),
  hostname: option('hostname; not on the host network', (value, wishes) => {
    wishes.hostname = value;
  }),
  label: option('a label of the pod, when it is one that Kubernetes takes', (value, {labels}) => {
    const [name, text] = pair(value);
    labels.set(name, text);
  }),
  privileged: option('privileged, where the policy allows', (value, wishes) => {
    if (value !== 'false') wishes.privileged = true;
  }),
  'read-only': option('readOnlyRootFilesystem', (value, wishes) => {
    if (value !== 'false') wishes.readOnlyRoot = true;
  }),
  'security-opt': option('no-new-privileges: allowPrivilegeEscalation false; others are left out', (value, wishes) => {
    if (!/^no-new-privileges([:=]true)?$/.test(value)) return false;
    wishes.noNewPrivileges = true;
    return true;
  }),
  'shm-size': option('a volume in memory at /dev/shm', (value, wishes) => {
    wishes.shmBytes = bytesOf(value);
    return wishes.shmBytes !== undefined;
  }),
  sysctl: option("the pod's sysctls; the kubelet refuses those that it was not told to allow", (value, {sysctls}) => {
    const [name, text] = pair(value);
    sysctls.push({name, value: text});
  }),
  tmpfs: option('a volume in memory', (value, {tmpfs}) => {
    tmpfs.push(pair(value, ':')[0]);
  }),
  user: option('runAsUser and runAsGroup; numbers only', (value, wishes) => {
    const [user, group] = pair(value === 'root' ? '0' : value, ':');
    const ids = [user, ...(group === '' ? [] : [group])].map(idOf);
    if (ids.includes(undefined)) return false;
    [wishes.user, wishes.group = wishes.group] = ids;
    return true;
  }),
  volume: option('a hostPath volume, where the policy allows', (value, {volumes}) => {
    const [hostPath = '', containerPath = '', mode = 'rw'] = value.split(':');
    if (!hostPath.startsWith('/') || !containerPath.startsWith('/')) return false;
    volumes.push({hostPath, containerPath, readOnly: mode.split(',').includes('ro')});
    return true;
  }),
  workdir: option('workingDir', (value, wishes) => {
    wishes.workingDir = value;
  }),
};

const SHORT: Readonly<Record<string, string>> = {
  e: 'env',
  h: 'hostname',
  l: 'label',
  u: 'user',
  v: 'volume',
  w: 'workdir',
};

/** Reads the options of a task's Docker container. Those that do not map are named, not refused. */
export function dockerWishes(parameters: readonly {readonly key: string; readonly value: string}[]): DockerWishes {
  const wishes = noWishes();
  for (const {key, value} of parameters) {
    const name = key.replace(/^-+/, '');
    const known = DOCKER_OPTIONS[SHORT[name] ?? name];
    if (known?.take(value, wishes) !== true) wishes.ignored.push(`container.docker.parameters[${name}]`);
  }
  return wishes;
}

export function dnsConfigOf({nameservers, searches, options}: DockerWishes['dns']): DnsConfig | undefined {
  if (nameservers.length + searches.length + options.length === 0) return undefined;
  return {
    ...(nameservers.length > 0 && {nameservers}),
    ...(searches.length > 0 && {searches}),
    ...(options.length > 0 && {
      options: options.map(text => {
        const [name, value] = pair(text, ':');
        return {name, ...(value !== '' && {value})};
      }),
    }),
  };
}

const UNITS: Readonly<Record<string, number>> = {'': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30};

function bytesOf(text: string): number | undefined {
  const [, amount = '', unit = ''] = /^(\d+)([bkmg]?)b?$/i.exec(text) ?? [];
  return amount === '' ? undefined : Number(amount) * (UNITS[unit.toLowerCase()] ?? 1);
}
