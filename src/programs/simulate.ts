import {readFileSync, writeFileSync} from 'node:fs';
import {basename} from 'node:path';
import {parse} from 'yaml';
import {journalLines} from '../allocator/journal/lines.ts';
import {MARATHON_FLAGS, settingsOf} from '../controller/marathon/flags.ts';
import type {FlagValues} from '../lib/flags.ts';
import {parseFlags} from '../lib/flags.ts';
import type {Result} from '../lib/result.ts';
import {err, ok} from '../lib/result.ts';
import {reportPage} from '../simulator/page/page.ts';
import {reportToJson} from '../simulator/report.ts';
import type {Simulated} from '../simulator/simulation.ts';
import {simulate} from '../simulator/simulation.ts';
import {type ClusterSnapshot, readSnapshot} from '../simulator/snapshot.ts';
import {reportTable} from '../simulator/table.ts';
import {decodeWorkload, type Workload} from '../simulator/workload.ts';
import type {Surroundings} from './program.ts';
import type {SIMULATE_FLAGS} from './simulate-flags.ts';

type Flags = FlagValues<typeof SIMULATE_FLAGS>;

/** Lets a workload happen on a virtual clock and says what came of it. */
export async function runSimulate(flags: Flags, {print, complain}: Surroundings): Promise<number> {
  const startedMs = performance.now();
  const result = await simulateFile(flags);
  if (!result.ok) {
    for (const problem of result.error) complain(problem);
    return 1;
  }
  for (const line of reportTable(result.value.report)) print(line);
  const written = writeAll(flags, result.value);
  if (!written.ok) {
    complain(written.error);
    return 1;
  }
  print('');
  for (const path of written.value) print(`wrote ${path}`);
  print(`simulated in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  return 0;
}

async function simulateFile(flags: Flags): Promise<Result<Simulated, readonly string[]>> {
  const named = (problem: string): string => `${flags.file}: ${problem}`;
  const snapshot = await snapshotOf(flags.snapshot);
  if (!snapshot.ok) return err([`--snapshot: ${snapshot.error}`]);
  const workload = readWorkload(flags, snapshot.value !== undefined);
  if (!workload.ok) return err(workload.error.map(named));
  const marathon = parseFlags(MARATHON_FLAGS, {argv: []});
  if (!marathon.ok) throw new Error(marathon.error.join('\n'));
  const simulated = simulate(workload.value, {
    marathon: settingsOf(marathon.value),
    samples: flags.samples,
    withJournal: flags.journal !== undefined,
    ...(snapshot.value !== undefined && {snapshot: snapshot.value}),
  });
  return simulated.ok ? simulated : err(simulated.error.map(named));
}

function readWorkload({file, seed}: Flags, withAgents: boolean): Result<Workload, readonly string[]> {
  try {
    const decoded = decodeWorkload(parse(readFileSync(file, 'utf8')), withAgents);
    return decoded.ok && seed !== undefined ? ok({...decoded.value, seed}) : decoded;
  } catch (error) {
    return err([error instanceof Error ? error.message : String(error)]);
  }
}

async function snapshotOf(source: string | undefined): Promise<Result<ClusterSnapshot | undefined, string>> {
  if (source === undefined) return ok(undefined);
  try {
    if (!/^https?:/.test(source)) return readSnapshot(JSON.parse(readFileSync(source, 'utf8')), undefined);
    const [state, roles] = await Promise.all([getJson(source, 'state'), getJson(source, 'roles')]);
    return readSnapshot(state, roles);
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

async function getJson(base: string, page: string): Promise<unknown> {
  const response = await fetch(new URL(page, base.endsWith('/') ? base : `${base}/`));
  if (!response.ok) throw new Error(`${response.url} answers ${response.status}`);
  return response.json();
}

function writeAll(flags: Flags, {report, journal}: Simulated): Result<readonly string[], string> {
  const {html, json, journal: journalFile, file} = flags;
  try {
    if (html !== undefined) writeFileSync(html, reportPage(report, basename(file)));
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(reportToJson(report), undefined, 1)}\n`);
    if (journalFile !== undefined && journal !== undefined) {
      writeFileSync(journalFile, `${[...journalLines(journal.segments)].join('\n')}\n`);
    }
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
  return ok([html, json, journalFile].filter(path => path !== undefined));
}
