import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {UNSUPPORTED_FLAGS} from './controller/marathon/unsupported-flags.ts';
import {createLogger} from './kube/log.ts';
import {flag, type FlagSources, type FlagTable, flagTypes, helpText, parseFlags, unset} from './lib/flags.ts';
import {err, ok, type Result} from './lib/result.ts';
import type {Program, Surroundings} from './programs/program.ts';
import {PROGRAMS} from './programs/programs.ts';
import {VERSION} from './version.ts';

/** Every program has these. */
const COMMON = {
  flags_dir: unset(
    flagTypes.list,
    'Directories with one file for each flag; of two files for a flag the later directory’s counts.',
  ),
  help: flag(flagTypes.boolean, false, 'Print this and stop.'),
};
const MISUSE = 2;
const FAILED = 1;

async function main([name, ...argv]: readonly string[]): Promise<number> {
  if (name === '--version' || name === 'version') return say(VERSION);
  if (name === undefined || name === '--help' || name === 'help') return say(usage());
  const program = PROGRAMS[name];
  if (program === undefined)
    return complain([`"${name}" is not a program of mesos: want one of ${Object.keys(PROGRAMS).join(', ')}`]);
  return runProgram(name, program, argv);
}

async function runProgram(name: string, program: Program, argv: readonly string[]): Promise<number> {
  const table: FlagTable = {...program.flags, ...COMMON};
  const sources = sourcesOf(argv, 'framework_name' in program.flags);
  const directory = directoryOf(table, sources);
  if (!directory.ok) return complain([directory.error]);
  const values = parseFlags(table, {...sources, directory: directory.value});
  if (argv.includes('--help')) return say(helpText(`mesos ${name} [flags]\n\n${program.summary}`, table));
  if (!values.ok) return complain(values.error);
  const mistakes = program.mistakes(values.value);
  if (mistakes.length > 0) return complain(mistakes);
  const around = surroundings(String(values.value['log_level'] ?? 'info'));
  try {
    return await (
      await program.load()
    )(values.value, around);
  } catch (error) {
    // A bug of ours. One line for whoever started it; where it happened for whoever looks for it.
    around.complain(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
    around.log.debug('program failed', {stack: error instanceof Error ? error.stack : undefined});
    return FAILED;
  }
}

/** @param isMarathon it is also given what a Marathon was given */
const sourcesOf = (argv: readonly string[], isMarathon: boolean): FlagSources => ({
  argv,
  environment: process.env,
  environmentPrefixes: ['MARATHON_', 'MESOS_'],
  readFile: path => readText(path),
  ...(isMarathon ? {unsupported: UNSUPPORTED_FLAGS, unsupportedPrefix: 'MARATHON_'} : {}),
});

/** The directories are themselves named by a flag, so that one is looked for first. */
function directoryOf(table: FlagTable, sources: FlagSources): Result<ReadonlyMap<string, string>, string> {
  const parsed = parseFlags(table, sources);
  const named = sources.argv.map(word => /^--flags[-_]dir=(.*)$/.exec(word)?.[1]).find(found => found !== undefined);
  const given: unknown =
    named?.split(',') ?? (parsed.ok ? parsed.value['flags_dir'] : undefined) ?? usualDirectories(table);
  const files = new Map<string, string>();
  for (const path of Array.isArray(given) ? given.map(String) : []) {
    const added = addFiles(path, files);
    if (!added.ok) return added;
  }
  return ok(files);
}

/** Where Marathon's packages keep a file for each flag. */
const MARATHON_CONF = '/etc/marathon/conf';

const usualDirectories = (table: FlagTable): readonly string[] =>
  'framework_name' in table && existsSync(MARATHON_CONF) ? [MARATHON_CONF] : [];

/** Names that begin with a dot are not flags: a mounted ConfigMap has its versions in such folders. */
function addFiles(path: string, files: Map<string, string>): Result<void, string> {
  try {
    for (const entry of readdirSync(path, {withFileTypes: true})) {
      if (entry.isDirectory() || entry.name.startsWith('.')) continue;
      files.set(entry.name, readFileSync(join(path, entry.name), 'utf8'));
    }
    return ok(undefined);
  } catch (error) {
    return err(`--flags_dir: can't read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readText(path: string): Result<string, string> {
  try {
    return ok(readFileSync(path, 'utf8'));
  } catch (error) {
    return err(`can't read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function surroundings(level: string): Surroundings {
  const logLevel = (['debug', 'info', 'warn', 'error'] as const).find(known => known === level) ?? 'info';
  return {
    env: process.env,
    log: createLogger({level: logLevel, format: process.stderr.isTTY ? 'text' : 'json', stream: process.stderr}),
    print: line => console.log(line),
    complain: problem => console.error(`mesos: ${problem}`),
    stopRequested: new Promise(resolve => {
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => resolve(signal));
    }),
    self: [process.execPath, ...process.execArgv, fileURLToPath(new URL('../bin/mesos.js', import.meta.url))],
    version: VERSION,
  };
}

const usage = (): string =>
  [
    'mesos <program> [flags]',
    '',
    ...Object.entries(PROGRAMS).map(([name, {summary}]) => `  ${name.padEnd(12)}${summary}`),
    '',
    'mesos <program> --help lists the flags.',
  ].join('\n');

function say(text: string): number {
  console.log(text);
  return 0;
}

function complain(problems: readonly string[]): number {
  for (const problem of problems) console.error(`mesos: ${problem}`);
  return MISUSE;
}

process.exitCode = await main(process.argv.slice(2));
// What still runs (a keep-alive connection, a timer) must not keep a stopped program alive.
process.exit();
