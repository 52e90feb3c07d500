import {createHash} from 'node:crypto';
import {mkdir, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {promisify} from 'node:util';
import {gzip} from 'node:zlib';
import {type RootEntry, tarOf} from './layer.ts';

/** What the image runs and as whom, as in an OCI image configuration. */
export type ImageConfig = {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Labels?: Readonly<Record<string, string>>;
};

export type ImageSpec = {
  /** As given to `image:` of a container, for example `mesos-operator:0.1.0`. */
  readonly name: string;
  /** From the bottom up; what changes least comes first. */
  readonly layers: readonly (readonly RootEntry[])[];
  readonly config: ImageConfig;
  /** Folder for `oci/` and `<name>.tar`, of this image alone. */
  readonly folder: string;
};

export type Image = {
  readonly name: string;
  /** An OCI image layout, for tools that push. */
  readonly ociDir: string;
  /** The same with Docker's manifest beside it: `docker load -i`, `ctr images import`. */
  readonly tarPath: string;
  /** `sha256:…` of the manifest. */
  readonly digest: string;
  /** What a node downloads, and what it unpacks. */
  readonly bytes: {readonly compressed: number; readonly unpacked: number};
};

const gzipped = promisify(gzip);
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
const ARCHITECTURES: Readonly<Record<string, string>> = {x64: 'amd64', arm: 'arm'};
/** This machine's, in the words of OCI. */
const PLATFORM = {architecture: ARCHITECTURES[process.arch] ?? process.arch, os: 'linux'};
const OCI = 'application/vnd.oci.image';

/** Writes an image without any engine. The same entries give the same bytes. */
export async function writeImage({name, layers, config, folder}: ImageSpec): Promise<Image> {
  const tars = await Promise.all(layers.map(tarOf));
  const compressed = await compressAll(tars, join(folder, 'cache'));
  const configuration = json({
    ...PLATFORM,
    config,
    rootfs: {type: 'layers', diff_ids: tars.map(tar => `sha256:${sha256(tar)}`)},
    history: tars.map(() => ({created_by: 'npm run image'})),
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: described(configuration, `${OCI}.config.v1+json`),
    layers: compressed.map(blob => described(blob, `${OCI}.layer.v1.tar+gzip`)),
  });
  const files = layoutOf(name, manifest, [configuration, manifest, ...compressed]);
  const ociDir = join(folder, 'oci');
  const tarPath = join(folder, `${basename(name).replace(/[:@].*$/, '')}.tar`);
  await writeFolder(ociDir, files);
  const docker = dockerManifest(name, configuration, compressed);
  await writeFile(tarPath, await tarOf([...files, {kind: 'file', path: 'manifest.json', content: docker}]));
  const sum = (blobs: readonly Buffer[]): number => blobs.reduce((total, {length}) => total + length, 0);
  const bytes = {compressed: sum(compressed), unpacked: sum(tars)};
  return {name, ociDir, tarPath, digest: `sha256:${sha256(manifest)}`, bytes};
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const described = (blob: Buffer, mediaType: string) => ({
  mediaType,
  digest: `sha256:${sha256(blob)}`,
  size: blob.length,
});
const blobPath = (blob: Buffer): string => `blobs/sha256/${sha256(blob)}`;

/** Compressing takes longer than all else, and a layer seldom changes: those of the last image are kept. */
async function compressAll(tars: readonly Buffer[], cache: string): Promise<Buffer[]> {
  await mkdir(cache, {recursive: true});
  const names = tars.map(tar => `${sha256(tar)}.gz`);
  const blobs = await Promise.all(
    tars.map(async (tar, index) => {
      const path = join(cache, names[index] ?? '');
      const kept = await readFile(path).catch(() => undefined);
      if (kept !== undefined) return kept;
      const blob = await gzipped(tar, {level: 6});
      await writeFile(path, blob);
      return blob;
    }),
  );
  const old = (await readdir(cache)).filter(name => !names.includes(name));
  await Promise.all(old.map(name => rm(join(cache, name), {force: true})));
  return blobs;
}

type LayoutFile = RootEntry & {readonly kind: 'file'; readonly content: Buffer};

function layoutOf(name: string, manifest: Buffer, blobs: readonly Buffer[]): LayoutFile[] {
  const index = json({
    schemaVersion: 2,
    mediaType: `${OCI}.index.v1+json`,
    manifests: [
      {
        ...described(manifest, `${OCI}.manifest.v1+json`),
        platform: PLATFORM,
        annotations: {
          // The first is containerd's, which wants the whole name; the second is what `skopeo copy oci:dir:tag` asks for.
          'io.containerd.image.name': wholeName(name),
          'org.opencontainers.image.ref.name': /:([^/:]+)$/.exec(name)?.[1] ?? 'latest',
        },
      },
    ],
  });
  return [
    {kind: 'file', path: 'oci-layout', content: json({imageLayoutVersion: '1.0.0'})},
    {kind: 'file', path: 'index.json', content: index},
    ...blobs.map(blob => ({kind: 'file' as const, path: blobPath(blob), content: blob})),
  ];
}

/** `busybox:1` means `docker.io/library/busybox:1` to a container engine. */
function wholeName(name: string): string {
  const tagged = /:[^/]+$/.test(name) ? name : `${name}:latest`;
  const [first = '', ...rest] = tagged.split('/');
  if (rest.length === 0) return `docker.io/library/${tagged}`;
  return /[.:]|^localhost$/.test(first) ? tagged : `docker.io/${tagged}`;
}

/** For `docker load` before Docker 25, which reads no OCI layout. */
const dockerManifest = (name: string, configuration: Buffer, layers: readonly Buffer[]): Buffer =>
  json([
    {
      Config: blobPath(configuration),
      RepoTags: [/:[^/]+$/.test(name) ? name : `${name}:latest`],
      Layers: layers.map(blobPath),
    },
  ]);

async function writeFolder(folder: string, files: readonly LayoutFile[]): Promise<void> {
  await rm(folder, {recursive: true, force: true});
  await mkdir(join(folder, 'blobs', 'sha256'), {recursive: true});
  await Promise.all(files.map(({path, content}) => writeFile(join(folder, path), content)));
}
