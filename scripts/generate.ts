// Writes everything that is made from tables: `node scripts/generate.ts`; with --check it only compares and names what is stale.
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {crdTemplates} from './generate/chart/crd-templates.ts';
import {dashboardFiles} from './generate/chart/dashboard.ts';
import {valuesFiles} from './generate/chart/values-files.ts';
import {crdFiles} from './generate/crds.ts';
import {flagFiles} from './generate/flags.ts';
import {kindPages} from './generate/kind-pages.ts';
import {limitFiles} from './generate/limits.ts';
import {routeFiles} from './generate/routes.ts';
import {taskStateFiles} from './generate/task-states.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const files = new Map([
  ...crdFiles(),
  ...kindPages(),
  ...flagFiles(),
  ...limitFiles(),
  ...taskStateFiles(),
  ...routeFiles(),
  ...crdTemplates(),
  ...valuesFiles(),
  ...dashboardFiles(),
]);

const stale: string[] = [];
for (const [path, content] of files) {
  const current = await readFile(join(root, path), 'utf8').catch(() => undefined);
  if (current === content) continue;
  stale.push(path);
  if (process.argv.includes('--check')) continue;
  await mkdir(dirname(join(root, path)), {recursive: true});
  await writeFile(join(root, path), content);
}

if (process.argv.includes('--check') && stale.length > 0) {
  console.error(`stale, run npm run generate:\n${stale.map(path => `  ${path}`).join('\n')}`);
  process.exit(1);
}
console.log(`${files.size} generated files, ${stale.length} ${process.argv.includes('--check') ? 'stale' : 'written'}`);
