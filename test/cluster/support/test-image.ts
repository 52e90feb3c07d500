import {fileURLToPath} from 'node:url';
import {buildImage} from '../../../scripts/image/build-image.ts';
import type {TestCluster} from '../test-cluster.ts';

const FOLDER = fileURLToPath(new URL('../../../dist/test-image', import.meta.url));
const REPOSITORY = 'mesos-operator';
const TAG = 'suite';

/** As the chart's value `image`. */
export type ChartImage = {readonly repository: string; readonly tag: string; readonly pullPolicy: 'IfNotPresent'};

let loaded: Promise<ChartImage> | undefined;

/** The image of this work tree, in every node; a run that has loaded it already says so with TEST_IMAGE_LOADED. */
export async function testImage(cluster: TestCluster): Promise<ChartImage> {
  loaded ??= process.env['TEST_IMAGE_LOADED'] === undefined ? loadTestImage(cluster) : Promise.resolve(CHART_IMAGE);
  return loaded;
}

/** `TEST_IMAGE=registry.example.com/mesos-operator:0.1.0`: where a given cluster finds the image of this work tree. */
function givenImage(): ChartImage {
  const [, repository, tag] = /^(.+):([^:/]+)$/.exec(process.env['TEST_IMAGE'] ?? '') ?? [];
  if (repository === undefined || tag === undefined)
    throw new Error('TEST_IMAGE: a given cluster needs the image of this work tree, as repository:tag (npm run image)');
  return {repository, tag, pullPolicy: 'IfNotPresent'};
}

const CHART_IMAGE: ChartImage = {repository: REPOSITORY, tag: TAG, pullPolicy: 'IfNotPresent'};

export async function loadTestImage(cluster: TestCluster): Promise<ChartImage> {
  if (cluster.loadImage === undefined) return givenImage();
  const {tarPath} = await buildImage({name: `${REPOSITORY}:${TAG}`, folder: FOLDER});
  await cluster.loadImage(tarPath);
  return CHART_IMAGE;
}
