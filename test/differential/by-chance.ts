import {Cluster, fw, res, seeded} from '../allocator/cluster.ts';
import {type History, REFUSE_SECONDS, ROUNDS} from './history.ts';

const SHUFFLES = 20;
const CAPABILITIES = ['MULTI_ROLE', 'RESERVATION_REFINEMENT'];
const map = (amounts: Readonly<Record<string, number>>) => new Map(Object.entries(amounts));

/** Whether what is handed out depends on the order of agents, which is drawn by lot: then two masters may differ. */
export function dependsOnChance(history: History, agents: number, resources: string): boolean {
  const outcomes = Array.from({length: SHUFFLES}, (_, seed) => outcome(history, agents, resources, seed));
  return new Set(outcomes).size > 1;
}

function outcome(history: History, agents: number, resources: string, seed: number): string {
  const {weights, quotas, frameworks, suppressed, revived, answers} = history;
  const cluster = new Cluster({random: seeded(seed)});
  for (let i = 0; i < agents; i++) cluster.agent(`a${i}`, res(resources));
  cluster.weights(Object.fromEntries(weights.map(({role, weight}) => [role, weight])));
  for (const {role, guarantees, limits} of quotas) {
    cluster.allocator.setQuota(role, {guarantees: map(guarantees), limits: map(limits)});
  }
  const spec = (number: number, suppressedRoles: readonly string[]) => ({
    frameworkId: fw(`f${number}`),
    roles: frameworks[number] ?? [],
    suppressedRoles,
    capabilities: CAPABILITIES,
  });
  for (const [number, roles] of frameworks.entries()) cluster.allocator.addFramework(spec(number, roles), true);
  const rounds = Array.from({length: ROUNDS}, (_, round) => {
    for (const [number, roles] of frameworks.entries()) {
      cluster.allocator.updateFramework(spec(number, suppressed[round]?.[number] === true ? roles : []));
    }
    const reviving = revived[round];
    if (reviving !== undefined) cluster.allocator.revive(fw(`f${reviving}`), frameworks[reviving] ?? []);
    const handedOut = cluster.periodic();
    for (const allocation of handedOut) {
      const answer = answers[round]?.[Number(allocation.frameworkId.slice(1))];
      if (answer !== 'keep') cluster.giveBack(allocation, answer === 'refuse' ? REFUSE_SECONDS : 0);
    }
    return handedOut.map(a => `${a.frameworkId} ${a.role} ${[...a.resources.milli].sort().join(';')}`).sort();
  });
  return JSON.stringify(rounds);
}
