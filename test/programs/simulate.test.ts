import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import type {ExecutionContext} from 'ava';
import {silentLogger} from '../../src/kube/log.ts';
import {runReplay} from '../../src/programs/replay.ts';
import {runSimulate} from '../../src/programs/simulate.ts';

const WORKLOAD = `
duration: 5mins
agents: [{count: 2, resources: 'cpus:4;mem:4096'}]
frameworks:
  - {name: f, role: r, task: {cpus: 1}, lasts: 30secs, backlog: 40}
`;

async function folderWith(t: ExecutionContext, text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'simulate-'));
  t.teardown(() => rm(folder, {recursive: true}));
  await writeFile(join(folder, 'workload.yaml'), text);
  return (name: string): string => join(folder, name);
}

function surroundings() {
  const [out, complaints]: [string[], string[]] = [[], []];
  return {
    out,
    complaints,
    env: {},
    log: silentLogger,
    print: (line: string) => out.push(line),
    complain: (line: string) => complaints.push(line),
    stopRequested: new Promise<NodeJS.Signals>(() => undefined),
    self: ['mesos'] as const,
    version: '1',
  };
}

const NONE = {snapshot: undefined, seed: undefined, html: undefined, json: undefined, journal: undefined, samples: 10};

test('mesos simulate prints a table and writes a page, JSON and a journal that replays', async t => {
  const path = await folderWith(t, WORKLOAD);
  const simulated = surroundings();
  const files = {html: path('report.html'), json: path('report.json'), journal: path('journal.jsonl')};
  t.is(await runSimulate({...NONE, file: path('workload.yaml'), ...files}, simulated), 0);
  t.true(simulated.out.some(line => /^r +1 +- +40 +40 +0/.test(line)));
  t.regex(await readFile(files.html, 'utf8'), /^<!doctype html>[\s\S]*workload\.yaml/);
  const json = JSON.parse(await readFile(files.json, 'utf8'));
  t.is(json.roles[0].finished, 40);
  const replayed = surroundings();
  const flags = {until: '1mins', decisions: false, policy: undefined, explain: false};
  const whom = {role: undefined, framework: undefined, agent: undefined};
  t.is(await runReplay({file: files.journal, ...flags, ...whom}, replayed), 0);
  t.regex(replayed.out.join('\n'), /\(60\.0 s\)[\s\S]*all as in the journal/);
});

test('what is wrong is said with file and place', async t => {
  const path = await folderWith(t, WORKLOAD.replace('lasts', 'last'));
  const {complaints, ...rest} = surroundings();
  t.is(await runSimulate({...NONE, file: path('workload.yaml')}, rest), 1);
  t.regex(complaints[0] ?? '', /workload\.yaml: frameworks\[0\]\.last: want one of name, role/);
});

for (const [title, file] of Object.entries({missing: 'nothing.yaml', 'no YAML': 'broken.yaml'})) {
  test(`a workload that is ${title} is refused`, async t => {
    const path = await folderWith(t, WORKLOAD);
    await writeFile(path('broken.yaml'), 'a: [');
    const {complaints, ...rest} = surroundings();
    t.is(await runSimulate({...NONE, file: path(file)}, rest), 1);
    t.is(complaints.length, 1);
  });
}
