import type {TaskPolicy} from '../../../crds/task-policy.ts';
import {parseFetchUri, withoutSecrets} from '../../../api/mesos/fetch-uri.ts';
import {fetcherInfoSchema} from '../../../api/mesos/fetcher-info.ts';
import type {TaskInfo} from '../../../api/mesos/v1/common.ts';
import {encodeJson} from '../../../api/mesos/v1/json.ts';
import {err, ok} from '../../../lib/result.ts';
import type {Result} from '../../../lib/result.ts';
import {amountsOf} from './amounts.ts';
import {literal} from './command.ts';
import {LONE_TASK, SANDBOX_PATH} from './marks.ts';
import type {Container, EnvVar, PodVolume, ResourceList, VolumeMount} from './pod.ts';
import {allowedHostPath, notAllowed} from './policy.ts';
import {fetcherSecurity} from './security.ts';
import {SANDBOX_MOUNT} from './volumes.ts';

export type FetchOptions = {
  /** This program's own image; '' where the node runs the program itself. */
  readonly shimImage: string;
  readonly fetchStallMs: number;
  /** Bytes. */
  readonly fetchMaxSize: number;
};

/** What brings the URIs of a task before it starts, and what that needs of the node. */
export type Fetch = {readonly container: Container; readonly volumes: readonly PodVolume[]};

/** @returns undefined for a task without URIs, or which one cannot be fetched and why */
export function fetchOf(info: TaskInfo, options: FetchOptions, policy: TaskPolicy): Result<Fetch | undefined, string> {
  const uris = info.command?.uris ?? [];
  if (uris.length === 0) return ok(undefined);
  const files = new Set<string>();
  for (const {value, output_file} of uris) {
    const file = nodeFile(value, output_file, policy);
    if (!file.ok) return err(`URI '${withoutSecrets(value)}': ${file.error}`);
    if (file.value !== undefined) files.add(file.value);
  }
  const volumes: PodVolume[] = [];
  const mounts: VolumeMount[] = [SANDBOX_MOUNT];
  for (const [index, path] of [...files].entries()) {
    volumes.push({name: `fetch-${index}`, hostPath: {path, type: 'File'}});
    mounts.push({name: `fetch-${index}`, mountPath: path, readOnly: true});
  }
  return ok({container: containerOf(info, options, mounts), volumes});
}

/** The file of the node that a URI names; undefined for a URI of another kind. */
function nodeFile(uri: string, outputFile: string | undefined, policy: TaskPolicy): Result<string | undefined, string> {
  const parsed = parseFetchUri(uri, outputFile);
  if (!parsed.ok) return parsed;
  const {scheme, location} = parsed.value;
  if (!policy.fetchSchemes.includes(scheme)) return err(notAllowed(`scheme ${scheme} is`, 'fetchSchemes'));
  return scheme === 'file' ? allowedHostPath(location, policy) : ok(undefined);
}

const containerOf = (
  info: TaskInfo,
  {shimImage, fetchStallMs, fetchMaxSize}: FetchOptions,
  mounts: readonly VolumeMount[],
): Container => {
  const fetcherInfo = encodeJson(fetcherInfoSchema, {
    items: (info.command?.uris ?? []).map(uri => ({uri})),
    stall_timeout: {nanoseconds: fetchStallMs * 1e6},
    max_size: fetchMaxSize,
  });
  return {
    name: LONE_TASK.fetch,
    ...(shimImage !== '' && {image: shimImage, imagePullPolicy: 'IfNotPresent'}),
    args: ['fetch'],
    env: [
      {name: 'MESOS_SANDBOX', value: SANDBOX_PATH},
      {name: 'MESOS_FETCHER_INFO', value: literal(JSON.stringify(fetcherInfo))},
      ...proxiesOf(info),
    ],
    resources: fetchAmounts(info),
    volumeMounts: mounts,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: fetcherSecurity(info),
  };
};

const PROXY = /^(https?|no)_proxy$/i;

/** The task's proxies are the fetcher's too. */
function proxiesOf({command}: TaskInfo): readonly EnvVar[] {
  const own = (command?.environment?.variables ?? []).flatMap(({name, value, type}) =>
    PROXY.test(name) && type !== 'SECRET' && value !== undefined ? [{name, value: literal(value)}] : [],
  );
  return own.length === 0 ? [] : [...own, {name: 'NODE_USE_ENV_PROXY', value: '1'}];
}

/** What Node.js wants to have at least. */
const LEAST_MEBIBYTES = 256;

/** It runs before the task, in what the task was given; only its memory may be more for that time. */
function fetchAmounts(info: TaskInfo): Container['resources'] {
  const {requests, limits} = amountsOf(info);
  const mem = (info.resources ?? []).reduce(
    (sum, {name, scalar}) => sum + (name === 'mem' ? (scalar?.value ?? 0) : 0),
    0,
  );
  const memory: ResourceList =
    limits['memory'] === undefined || mem >= LEAST_MEBIBYTES ? {} : {memory: `${LEAST_MEBIBYTES}Mi`};
  return {requests, limits: {...limits, ...memory}};
}
