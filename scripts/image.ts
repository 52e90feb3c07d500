// Builds the image: `npm run image [-- <name:tag>]`.
import {buildImage} from './image/build-image.ts';

const MIB = 2 ** 20;
const started = performance.now();
const {name, digest, ociDir, tarPath, bytes} = await buildImage({name: process.argv[2]});
const mib = (size: number): string => `${(size / MIB).toFixed(1)} MiB`;
console.log(`${name}  ${digest}
  ${mib(bytes.compressed)} to download, ${mib(bytes.unpacked)} unpacked, built in ${((performance.now() - started) / 1000).toFixed(1)} s
  ${ociDir}   OCI layout: skopeo copy, crane push, oras
  ${tarPath}   docker load -i, ctr images import, kind load image-archive`);
