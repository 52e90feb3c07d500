import type {Offer} from '../../src/api/mesos/v1/common.ts';
import {call, frameworkInfo, type Stream, subscribe} from '../support/scheduler-client.ts';
import {type History, REFUSE_SECONDS, ROLES, ROUNDS} from './history.ts';

/** What a master hands out in each round, who gets how much of an agent, sorted; agents are alike. */
export type Played = readonly (readonly string[])[];

/** Offers of one run reach everybody within it. */
const TOGETHER_MS = 50;
const LOOK_MS = 10;

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

async function operate(url: string, body: object): Promise<void> {
  const headers = {'Content-Type': 'application/json', Accept: 'application/json'};
  const response = await fetch(`${url}/api/v1`, {method: 'POST', headers, body: JSON.stringify(body)});
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}: ${JSON.stringify(body)}`);
}

const values = (amounts: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(amounts).map(([name, value]) => [name, {value}]));

async function setRoles(url: string, {weights, quotas}: Pick<History, 'weights' | 'quotas'>): Promise<void> {
  await operate(url, {type: 'UPDATE_WEIGHTS', update_weights: {weight_infos: weights}});
  const quota_configs = ['a', 'b', 'c'].map(role => {
    const quota = quotas.find(each => each.role === role);
    return {role, guarantees: values(quota?.guarantees ?? {}), limits: values(quota?.limits ?? {})};
  });
  await operate(url, {type: 'UPDATE_QUOTA', update_quota: {force: true, quota_configs}});
}

type Player = {readonly stream: Stream; readonly info: ReturnType<typeof frameworkInfo>; taken: number};

/** Plays a history on one master, whose agents nobody else uses. */
export async function play(url: string, history: History, intervalMs: number): Promise<Played> {
  await setRoles(url, history);
  const players: Player[] = [];
  for (const [number, roles] of history.frameworks.entries()) {
    const info = frameworkInfo(`f${number}`, {
      roles,
      capabilities: [{type: 'MULTI_ROLE'}, {type: 'RESERVATION_REFINEMENT'}],
    });
    // One after the other: equal shares go by id.
    const stream = await subscribe(url, info, {suppressed_roles: roles});
    await stream.next('SUBSCRIBED');
    players.push({stream, info, taken: 0});
  }
  try {
    const rounds: string[][] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await playRound(url, history, players, round, intervalMs));
    return rounds;
  } finally {
    for (const {stream} of players) await call(url, stream, {type: 'TEARDOWN'});
    await setRoles(url, {weights: ROLES.map(role => ({role, weight: 1})), quotas: []});
  }
}

/**
 * What changes is said, then comes one run of the allocator, whose offers are answered as the history says: all of it
 * before the next run, or the round is torn apart.
 */
async function playRound(url: string, history: History, players: Player[], round: number, intervalMs: number) {
  const changes = players.map(async (player, number) => {
    const isSilent = (at: number): boolean => at < 0 || history.suppressed[at]?.[number] === true;
    if (isSilent(round) === isSilent(round - 1)) return;
    const {info} = player;
    const suppressed_roles = isSilent(round) ? (info.roles ?? []) : [];
    const framework_info = {...info, id: {value: player.stream.frameworkId()}};
    await call(url, player.stream, {type: 'UPDATE_FRAMEWORK', update_framework: {framework_info, suppressed_roles}});
  });
  await Promise.all(changes);
  const revived = players[history.revived[round] ?? -1];
  if (revived !== undefined) await call(url, revived.stream, {type: 'REVIVE'});
  const offers = await offersOfNextRun(players, intervalMs);
  const answers = players.map(async ({stream}, number) => {
    const answer = history.answers[round]?.[number];
    const offer_ids = (offers[number] ?? []).map(({id}) => id);
    if (answer === 'keep' || offer_ids.length === 0) return;
    const refuse_seconds = answer === 'refuse' ? REFUSE_SECONDS : 0;
    await call(url, stream, {type: 'DECLINE', decline: {offer_ids, filters: {refuse_seconds}}});
  });
  await Promise.all(answers);
  return offers.flatMap((list, number) => list.map(offer => describe(number, offer))).sort();
}

/** Those that come together; none, when two intervals bring none. */
async function offersOfNextRun(players: Player[], intervalMs: number): Promise<Offer[][]> {
  const found = players.map((): Offer[] => []);
  for (let leftMs = 2.2 * intervalMs; leftMs > 0; leftMs -= LOOK_MS) {
    await pause(LOOK_MS);
    for (const [number, player] of players.entries()) {
      const fresh = player.stream.events.slice(player.taken);
      player.taken += fresh.length;
      const offers = fresh.flatMap(event => (event.type === 'OFFERS' ? (event.offers.offers ?? []) : []));
      found[number]?.push(...offers);
      if (offers.length > 0) leftMs = TOGETHER_MS;
    }
  }
  return found;
}

function describe(number: number, {allocation_info, resources = []}: Offer): string {
  const parts = resources.flatMap(({name, scalar, reservations}) =>
    scalar === undefined ? [] : [`${name}${reservations === undefined ? '' : '(r)'}:${scalar.value}`],
  );
  return `f${number} ${allocation_info?.role} ${parts.sort().join(';')}`;
}
