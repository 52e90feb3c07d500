import {createHash} from 'node:crypto';
import {copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {create} from 'tar';
import {PAUSE_IMAGE} from './built-node.ts';
import {command} from './command.ts';

/** Where Debian's busybox-static puts it. */
const BUSYBOX = '/bin/busybox';
/** What tests run: a shell, sleep, httpd, nc and the rest, as in the image of that name. */
export const BUSYBOX_IMAGE = 'docker.io/library/busybox:1.37';
/** Writes the images of the test cluster into a directory, as archives that containerd and kind load. Returns their paths. */
export async function writeImages(dir: string): Promise<string[]> {
  await mkdir(dir, {recursive: true});
  // Debian's static wget ends by SIGSEGV when it resolves a host, even an address.
  const applets = (await command([BUSYBOX, '--list']))
    .trim()
    .split('\n')
    .filter(name => name !== 'wget');
  const pause = {tag: PAUSE_IMAGE, cmd: ['/bin/busybox', 'sleep', 'infinity'], applets: []};
  const busybox = {tag: BUSYBOX_IMAGE, cmd: ['sh'], applets};
  return Promise.all([pause, busybox].map(image => writeImage(join(dir, `${image.applets.length}.tar`), image)));
}

type Image = {readonly tag: string; readonly cmd: readonly string[]; readonly applets: readonly string[]};

/** An archive as `docker save` writes it, with one layer. */
async function writeImage(path: string, {tag, cmd, applets}: Image): Promise<string> {
  const work = await mkdtemp(join(tmpdir(), 'mesos-image-'));
  try {
    await makeRoot(join(work, 'root'), applets);
    await create({file: join(work, 'layer.tar'), cwd: join(work, 'root'), portable: true}, ['.']);
    const layer = await readFile(join(work, 'layer.tar'));
    const diffId = `sha256:${createHash('sha256').update(layer).digest('hex')}`;
    const config = {
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: {Cmd: cmd, Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']},
      rootfs: {type: 'layers', diff_ids: [diffId]},
    };
    await writeFile(join(work, 'config.json'), JSON.stringify(config));
    const manifest = [{Config: 'config.json', RepoTags: [tag], Layers: ['layer.tar']}];
    await writeFile(join(work, 'manifest.json'), JSON.stringify(manifest));
    await create({file: path, cwd: work}, ['manifest.json', 'config.json', 'layer.tar']);
    return path;
  } finally {
    await rm(work, {recursive: true, force: true});
  }
}

async function makeRoot(root: string, applets: readonly string[]): Promise<void> {
  for (const folder of ['bin', 'etc', 'tmp', 'root', 'var', 'mnt']) await mkdir(join(root, folder), {recursive: true});
  await copyFile(BUSYBOX, join(root, 'bin', 'busybox'));
  await writeFile(join(root, 'etc', 'passwd'), 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n');
  for (const applet of applets.filter(name => name !== 'busybox'))
    await symlink('busybox', join(root, 'bin', applet)).catch(() => undefined);
}
