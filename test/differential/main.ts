import {parseArgs} from 'node:util';
import {systemClock} from '../../src/kube/system-clock.ts';
import {seeded} from '../allocator/cluster.ts';
import {TestKube} from '../support/test-kube.ts';
import {addAgent, testMaster} from '../support/test-master.ts';
import {dependsOnChance} from './by-chance.ts';
import {drawHistory, type History} from './history.ts';
import {play} from './play.ts';

// A development tool, no part of `npm test`: the same random histories for a real Mesos master and for ours, over HTTP.
//
//   node test/differential/main.ts --theirs http://127.0.0.1:5250 --histories 300 [--seed 1] [--interval-ms 500]
//
// Histories whose outcome depends on the order of agents, which both draw by lot, are left out.
// The other master needs six agents of the resources below, --allocation_interval as given, and nobody else's frameworks.

const AGENTS = 6;
const RESOURCES = 'cpus:4;mem:4096;disk:1000;ports:[31000-31010];cpus(a):0.5;mem(a):256';
/** A run in the middle of a round tears it apart; whether it does is chance. */
const TRIES = 4;

const {values: args} = parseArgs({
  options: {
    theirs: {type: 'string'},
    histories: {type: 'string', default: '300'},
    seed: {type: 'string', default: '1'},
    'interval-ms': {type: 'string', default: '500'},
  },
});
if (args.theirs === undefined) throw new Error('--theirs: want the URL of a Mesos master');
const {theirs} = args;
const intervalMs = Number(args['interval-ms']);

async function ourMaster() {
  const {client} = new TestKube();
  for (let i = 1; i <= AGENTS; i++) await addAgent(client, systemClock, `a${i}`, RESOURCES);
  const argv = [`--allocation_interval=${intervalMs}ms`, '--agent_ping_timeout=15mins', '--no-offer_freed_at_once'];
  return testMaster({client, clock: systemClock, argv});
}

/** @returns how often it was tried; undefined: never alike */
async function compare(ours: string, seed: number, history: History): Promise<number | undefined> {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const [a, b] = await Promise.all([play(theirs, history, intervalMs), play(ours, history, intervalMs)]);
    if (JSON.stringify(a) === JSON.stringify(b)) return attempt;
    if (attempt === TRIES) console.log(JSON.stringify({seed, history, theirs: a, ours: b}, undefined, 1));
  }
  return undefined;
}

const {url, close} = await ourMaster();
const tries: number[] = [];
const different: number[] = [];
let seed = Number(args.seed);
for (let left = Number(args.histories); left > 0; seed++) {
  const history = drawHistory(seeded(seed));
  if (dependsOnChance(history, AGENTS, RESOURCES)) continue;
  left--;
  const alike = await compare(url, seed, history);
  if (alike === undefined) different.push(seed);
  else tries.push(alike);
  if (left % 25 === 0) console.log(`${tries.length} alike, ${different.length} different`);
}
await close();
const again = tries.filter(count => count > 1).length;
console.log(
  `${tries.length} histories alike (${again} of them not at the first try), different: ${different.join(' ') || 'none'}`,
);
process.exitCode = different.length === 0 ? 0 : 1;
