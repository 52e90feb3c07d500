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

const CHART_IMAGE: ChartImage = {repository: REPOSITORY, tag: TAG, pullPolicy: 'IfNotPresent'};

export async function loadTestImage(cluster: TestCluster): Promise<ChartImage> {
  if (cluster.loadImage === undefined) throw new Error('a given cluster can be given no image');
  const {tarPath} = await buildImage({name: `${REPOSITORY}:${TAG}`, folder: FOLDER});
  await cluster.loadImage(tarPath);
  return CHART_IMAGE;
}
