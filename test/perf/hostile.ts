/**
 * The longest time for which hostile requests hold the loop of a standalone, for each route: deep, wide, long, many,
 * inflated, unfinished, of wrong types. `node test/perf/hostile.ts [--json FILE] [--all] [--only TEXT]`; `--all` prints each request,
 * `--only` sends to the routes alone that contain the text.
 */
import {writeFileSync} from 'node:fs';
import {parseArgs} from 'node:util';
import {HostilePlay, type Seen} from '../support/hostile-play.ts';

const {values: flags} = parseArgs({
  options: {json: {type: 'string'}, all: {type: 'boolean', default: false}, only: {type: 'string'}},
});

const ends: (() => unknown)[] = [];
const play = await HostilePlay.start({teardown: end => void ends.push(end)});
const seen: Seen[] = [];
for await (const one of play.all({only: flags.only})) {
  seen.push(one);
  if (flags.all || one.stall.cpuMs > 50 || one.status >= 500) {
    const {route, title, status, stall, answer} = one;
    console.log(`${stall.cpuMs.toFixed(0)} ms  ${route}  ${title}  ${status}  ${answer.slice(0, 120)}`);
  }
}
for (const end of ends.toReversed()) await end();

const rows = [...Map.groupBy(seen, ({route}) => route)].map(([route, all]) => {
  const worst = all.toSorted((a, b) => b.stall.cpuMs - a.stall.cpuMs)[0];
  return {route, requests: all.length, longestStallMs: Math.round(worst?.stall.cpuMs ?? 0), by: worst?.title ?? ''};
});
console.log('| route | requests | longest stall, ms | by |\n|---|---|---|---|');
for (const {route, requests, longestStallMs, by} of rows) {
  console.log(`| \`${route}\` | ${requests} | ${longestStallMs} | ${by} |`);
}
if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(rows, undefined, 2)}\n`);
