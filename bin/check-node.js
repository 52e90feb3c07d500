// Checks the Node that the npm package `node` brought. That package installs it by itself, so no lockfile has its hash.
// Runs at the end of `npm ci` on npm's own Node, before anything runs on the one that came.
import {createHash} from 'node:crypto';
import {createReadStream, existsSync, readFileSync, rmSync} from 'node:fs';
import {pipeline} from 'node:stream/promises';
import {fileURLToPath} from 'node:url';

const inPackage = path => fileURLToPath(new URL(`../${path}`, import.meta.url));

/**
 * Whether that Node may run.
 *
 * @returns `unknown`: nobody can tell. `wrong`: it is another than it should be.
 */
export async function checkNode(
  path = inPackage('node_modules/node/bin/node'),
  platform = `${process.platform}-${process.arch}`,
) {
  if (!existsSync(path))
    return {verdict: 'unknown', message: `${path} is missing: run npm ci, with its scripts allowed`};
  // Read when it is needed: the image has its own Node, and no hashes.
  const {version, sha256} = JSON.parse(readFileSync(inPackage('bin/node-hashes.json'), 'utf8'));
  const wanted = sha256[platform];
  if (wanted === undefined) {
    const message = `no hash of Node ${version} for ${platform} is known, so the one in node_modules does not run; use your own, 22.20 or later`;
    return {verdict: 'unknown', message};
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const found = hash.digest('hex');
  if (found === wanted) return {verdict: 'right', message: ''};
  const message = `${path} is not Node ${version} for ${platform}: its SHA-256 is ${found}, not ${wanted}. Do not run it. Remove node_modules and run npm ci again`;
  return {verdict: 'wrong', message};
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const {verdict, message} = await checkNode();
  if (verdict !== 'right') {
    console.error(`mesos: ${message}`);
    // The scripts of npm take a program from there before any other.
    rmSync(inPackage('node_modules/.bin/node'), {force: true});
  }
  if (verdict === 'wrong') process.exit(1);
}
