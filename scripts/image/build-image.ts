import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {VERSION} from '../../src/version.ts';
import {appLayer, baseLayer, NODE_PATH, packagesLayer, USER_ID} from './root.ts';
import {type Image, writeImage} from './write-image.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

export type BuildOptions = {
  /** Folder for the results; `dist/image` when absent. */
  readonly folder?: string;
  /** `mesos-operator:<version>` when absent. */
  readonly name?: string;
};

/** Builds the one image of all programs from this checkout and its installed packages: no engine, no download. */
export async function buildImage({folder = join(root, 'dist/image'), name}: BuildOptions = {}): Promise<Image> {
  const layers = await Promise.all([baseLayer(root, join(folder, 'base')), packagesLayer(root), appLayer(root)]);
  return writeImage({
    name: name ?? `mesos-operator:${VERSION}`,
    layers,
    folder,
    config: {
      Entrypoint: [`/${NODE_PATH}`, '--disable-warning=ExperimentalWarning', '/app/bin/mesos.js'],
      Env: ['PATH=/usr/local/bin:/usr/bin:/bin', 'HOME=/tmp', 'NODE_ENV=production'],
      User: `${USER_ID}:${USER_ID}`,
      WorkingDir: '/tmp',
      ExposedPorts: {'5050/tcp': {}, '8080/tcp': {}},
      Labels: {
        'org.opencontainers.image.title': 'mesos-operator',
        'org.opencontainers.image.version': VERSION,
        'org.opencontainers.image.licenses': 'Apache-2.0',
      },
    },
  });
}
