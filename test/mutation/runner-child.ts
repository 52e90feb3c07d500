// Runs test files on changed code, again and again in one process: a process for each change would cost seconds.
// argv = the copy of the project. Every run loads the code anew under URLs of its own, so nothing is left of the run before.
import {readFileSync} from 'node:fs';
import {Session} from 'node:inspector/promises';
import {registerHooks, stripTypeScriptTypes} from 'node:module';
import {join, relative} from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';
import type {Range, Request, Response} from './protocol.ts';

const ROOT = process.argv[2] ?? '';
const ROOT_URL = pathToFileURL(`${ROOT}/`).href;
const TAG = '?run=';

/** AVA's own runner, below its processes: the tests, hooks and assertions are what they are in `npm test`. */
type Runner = {
  readonly chain: unknown;
  readonly on: (event: 'stateChange' | 'finish' | 'error', listener: (event: {data: {type?: string}}) => void) => void;
};
const {default: Runner} = (await import(import.meta.resolve('ava').replace(/entrypoints.*/, 'lib/runner.js'))) as {
  default: new (options: object) => Runner;
};

let runs = 0;
let changed: {readonly url: string; readonly source: string} | undefined;
/** Outside of a run nothing may fail. */
let failed = (): void => process.exit(1);
const chains = new Map<string, unknown>();
Object.assign(globalThis, {avaChains: chains});

registerHooks({
  resolve: (specifier, context, next) => {
    const tag = String(runs);
    if (specifier === 'ava')
      return {url: `data:text/javascript,export default avaChains.get('${tag}')`, shortCircuit: true};
    const found = next(specifier, context);
    return isOurs(found.url) ? {...found, url: found.url + TAG + tag} : found;
  },
  load: (url, context, next) => {
    const [plain = ''] = url.split('?');
    if (!isOurs(plain)) return next(url, context);
    return {format: 'module', shortCircuit: true, source: plain === changed?.url ? changed.source : sourceOf(plain)};
  },
});

const isOurs = (url: string): boolean => url.startsWith(ROOT_URL) && url.endsWith('.ts');

/** Types become blanks, so places stay what they are. */
const strip = (text: string): string => stripTypeScriptTypes(text, {mode: 'strip'});

const sources = new Map<string, string>();
function sourceOf(url: string): string {
  const known = sources.get(url);
  if (known !== undefined) return known;
  const source = strip(readFileSync(fileURLToPath(url), 'utf8'));
  sources.set(url, source);
  return source;
}

const session = new Session();
session.connect();
await session.post('Profiler.enable');

async function run({test, change, coverage}: Request): Promise<Response> {
  runs++;
  changed = change && {url: pathToFileURL(join(ROOT, change.file)).href, source: strip(change.text)};
  if (coverage) await session.post('Profiler.startPreciseCoverage', {callCount: true, detailed: true});
  const passed = await runFile(join(ROOT, test)).catch(() => false);
  return {passed, ranges: coverage ? await takeRanges() : {}};
}

function runFile(file: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const runner = new Runner({file, projectDir: ROOT, failFast: true, serial: true});
    failed = () => resolve(false);
    runner.on('stateChange', ({data}) => {
      if (data.type === 'test-failed' || data.type === 'hook-failed') resolve(false);
    });
    runner.on('error', reject);
    runner.on('finish', () => resolve(true));
    chains.set(String(runs), runner.chain);
    import(pathToFileURL(file).href).catch(reject);
  });
}

/** By source file: what V8 counted in this run. */
async function takeRanges(): Promise<Response['ranges']> {
  const {result} = await session.post('Profiler.takePreciseCoverage');
  await session.post('Profiler.stopPreciseCoverage');
  const own = result.filter(({url}) => url.endsWith(TAG + runs));
  const ranges: Record<string, readonly Range[]> = {};
  for (const {url, functions} of own) {
    ranges[relative(ROOT, fileURLToPath(url))] = functions.flatMap(each => each.ranges);
  }
  return ranges;
}

process.on('uncaughtException', () => failed());
process.on('unhandledRejection', () => failed());
process.on(
  'message',
  (request: Request) =>
    void run(request).then(
      response => process.send?.(response),
      () => process.exit(1),
    ),
);
