import type {Allocator} from '../allocator.ts';
import type {Refusal} from '../hierarchical-allocator.ts';
import type {AgentId, FrameworkId} from '../ids.ts';
import type {Quota} from '../quota/quota-book.ts';
import type {AgentSpec, AgentTraits, Allocation, Conversion, Domain, FrameworkSpec} from '../records.ts';
import type {Resources} from '../resources.ts';

/** What a framework has on an agent under a role. */
export type Held = {readonly frameworkId: FrameworkId; readonly role: string; readonly resources: Resources};

type Place = Held & {readonly agentId: AgentId};

/** A call that changes an allocator, as a plain value that never changes. */
export type Input =
  | {readonly kind: 'add-agent'; readonly spec: AgentSpec; readonly used: readonly Held[]}
  | {
      readonly kind: 'update-agent';
      readonly agentId: AgentId;
      readonly total: Resources;
      readonly traits: AgentTraits | undefined;
    }
  | {readonly kind: 'remove-agent' | 'activate-agent' | 'deactivate-agent' | 'request-run'; readonly agentId: AgentId}
  | {readonly kind: 'add-framework'; readonly spec: FrameworkSpec; readonly active: boolean}
  | {readonly kind: 'update-framework'; readonly spec: FrameworkSpec}
  | {
      readonly kind: 'remove-framework' | 'activate-framework' | 'deactivate-framework';
      readonly frameworkId: FrameworkId;
    }
  | {readonly kind: 'weights'; readonly weights: ReadonlyMap<string, number>}
  | {readonly kind: 'quota'; readonly role: string; readonly quota: Quota | undefined}
  | {readonly kind: 'whitelist'; readonly hostnames: ReadonlySet<string> | undefined}
  | {readonly kind: 'domain'; readonly domain: Domain | undefined}
  | {
      readonly kind: 'convert-held';
      readonly agentId: AgentId;
      readonly frameworkId: FrameworkId;
      readonly role: string;
      readonly conversion: Conversion;
    }
  | (Place & {readonly kind: 'restore'})
  | (Place & {readonly kind: 'recover'; readonly refuse: Refusal | undefined; readonly nowMs: number})
  | {readonly kind: 'suppress' | 'revive'; readonly frameworkId: FrameworkId; readonly roles: readonly string[]}
  | RunInput;

/** A run, and what it handed out. */
export type RunInput = {
  readonly kind: 'run-events' | 'run-periodic';
  readonly nowMs: number;
  readonly allocations: readonly Allocation[];
};

export const isRun = (input: Input): input is RunInput => input.kind === 'run-events' || input.kind === 'run-periodic';

/** Makes the call. @returns what a run handed out; nothing for other calls */
export function applyInput(allocator: Allocator, input: Input): readonly Allocation[] {
  switch (input.kind) {
    case 'run-events':
      return allocator.runEvents(input.nowMs);
    case 'run-periodic':
      return allocator.runPeriodic(input.nowMs);
    default:
      applyChange(allocator, input);
      return [];
  }
}

function applyChange(allocator: Allocator, input: Exclude<Input, RunInput>): void {
  switch (input.kind) {
    case 'add-agent':
      return allocator.addAgent(input.spec, usedOf(input.used));
    case 'update-agent':
      return allocator.updateAgent(input.agentId, input.total, input.traits);
    case 'remove-agent':
      return allocator.removeAgent(input.agentId);
    case 'activate-agent':
      return allocator.activateAgent(input.agentId);
    case 'deactivate-agent':
      return allocator.deactivateAgent(input.agentId);
    case 'request-run':
      return allocator.requestRun(input.agentId);
    case 'add-framework':
      return allocator.addFramework(input.spec, input.active);
    case 'update-framework':
      return allocator.updateFramework(input.spec);
    case 'remove-framework':
      return allocator.removeFramework(input.frameworkId);
    case 'activate-framework':
      return allocator.activateFramework(input.frameworkId);
    case 'deactivate-framework':
      return allocator.deactivateFramework(input.frameworkId);
    case 'weights':
      return allocator.updateWeights(input.weights);
    case 'quota':
      return allocator.setQuota(input.role, input.quota);
    case 'whitelist':
      return allocator.updateWhitelist(input.hostnames);
    case 'domain':
      return allocator.updateDomain(input.domain);
    case 'convert-held':
      return allocator.convertHeld(input.agentId, input.frameworkId, input.role, input.conversion);
    case 'restore':
      return allocator.restore(input.agentId, input.frameworkId, input.role, input.resources);
    case 'recover':
      return recover(allocator, input);
    case 'suppress':
      return allocator.suppress(input.frameworkId, input.roles);
    case 'revive':
      return allocator.revive(input.frameworkId, input.roles);
    default:
      return input satisfies never;
  }
}

const recover = (
  allocator: Allocator,
  {agentId, frameworkId, role, resources, refuse, nowMs}: Extract<Input, {kind: 'recover'}>,
): void => allocator.recoverResources(agentId, frameworkId, role, resources, refuse, nowMs);

function usedOf(used: readonly Held[]): Map<FrameworkId, Map<string, Resources>> {
  const byFramework = new Map<FrameworkId, Map<string, Resources>>();
  for (const {frameworkId, role, resources} of used) {
    const byRole = byFramework.get(frameworkId) ?? new Map<string, Resources>();
    byFramework.set(frameworkId, byRole.set(role, resources));
  }
  return byFramework;
}
