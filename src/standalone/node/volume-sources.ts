import {mkdir, readdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {PERSISTENT_VOLUME_CLAIMS} from '../../kube/kinds.ts';
import type {KubeClient, KubeObject} from '../../kube/types.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import {readSecret} from './env-references.ts';
import type {Pod, Volume} from './pod.ts';

/** What is behind a volume that is neither the pod's own nor a path of the host. */
export type VolumeSource =
  | {readonly kind: 'directory'; readonly path: string}
  /** By path below the volume. */
  | {readonly kind: 'files'; readonly files: ReadonlyMap<string, Uint8Array>};

type Options = {
  readonly client: KubeClient;
  /** The data of claims, by the claim's uid; it belongs to all agents of the machine. */
  readonly claimsDirectory: string;
};

/** @returns sources by the volume's name, or a message when an object is missing */
export async function volumeSources(
  {metadata: {namespace}, spec: {volumes = []}}: Pod,
  options: Options,
): Promise<Result<ReadonlyMap<string, VolumeSource>, string>> {
  const sources = new Map<string, VolumeSource>();
  for (const volume of volumes) {
    const source = await sourceOf(volume, namespace, options);
    if (source === undefined) continue;
    if (!source.ok) return err(`volume ${volume.name}: ${source.error}`);
    sources.set(volume.name, source.value);
  }
  return ok(sources);
}

async function sourceOf(
  {persistentVolumeClaim: claim, secret}: Volume,
  namespace: string,
  options: Options,
): Promise<Result<VolumeSource, string> | undefined> {
  if (claim !== undefined) return claimSource(claim.claimName, namespace, options);
  return secret === undefined ? undefined : secretSource(secret, namespace, options);
}

/** A claim that is made anew under its name is another one: it begins empty. */
async function claimSource(
  name: string,
  namespace: string,
  {client, claimsDirectory}: Options,
): Promise<Result<VolumeSource, string>> {
  const found = await client.get<Claim>(PERSISTENT_VOLUME_CLAIMS, name, namespace);
  if (!found.ok) return err(found.error.message);
  const {uid} = found.value.metadata;
  if (uid === undefined || found.value.metadata.deletionTimestamp !== undefined) {
    return err(`persistentvolumeclaim "${name}" is being deleted`);
  }
  const path = join(claimsDirectory, uid);
  await mkdir(path, {recursive: true});
  await bind(client, found.value);
  return ok({kind: 'directory', path});
}

type Claim = KubeObject<
  {accessModes?: readonly string[]; resources?: {requests?: Readonly<Record<string, string>>}},
  {phase?: string}
>;

/** Nobody else does: people see that it is in use. */
async function bind(client: KubeClient, claim: Claim): Promise<void> {
  if (claim.status?.phase === 'Bound') return;
  const {name, namespace} = claim.metadata;
  const status = {phase: 'Bound', accessModes: claim.spec?.accessModes, capacity: claim.spec?.resources?.requests};
  await client.patch(PERSISTENT_VOLUME_CLAIMS, name, namespace, 'merge', {status}, {subresource: 'status'});
}

async function secretSource(
  {secretName, items}: NonNullable<Volume['secret']>,
  namespace: string,
  {client}: Options,
): Promise<Result<VolumeSource, string>> {
  const data = await readSecret(client, secretName, namespace);
  if (!data.ok) return data;
  const wanted = items ?? Object.keys(data.value).map(key => ({key, path: key}));
  const files = new Map<string, Uint8Array>();
  for (const {key, path} of wanted) {
    const text = data.value[key];
    if (text === undefined) return err(`references non-existent secret key: ${key}`);
    files.set(path, Buffer.from(text, 'base64'));
  }
  return ok({kind: 'files', files});
}

/** Removes the data of claims that are no more. @returns how many there were */
export async function collectClaims({client, claimsDirectory}: Options): Promise<number> {
  // The list comes after the look: a claim that is made in between has no directory here yet.
  const uids = await readdir(claimsDirectory).catch(() => []);
  if (uids.length === 0) return 0;
  const claims = await client.list(PERSISTENT_VOLUME_CLAIMS, {});
  if (!claims.ok) return 0;
  const known = new Set(claims.value.items.map(({metadata}) => metadata.uid));
  const gone = uids.filter(uid => !known.has(uid));
  for (const uid of gone) await rm(join(claimsDirectory, uid), {recursive: true, force: true});
  return gone.length;
}
