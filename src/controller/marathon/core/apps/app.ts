import type {Violation} from '../../../../api/marathon/v2/check-json.ts';
import type {MarathonAppSpec} from '../../../../crds/marathon-app.ts';
import {appViolations, networkModeOf, type NetworkMode} from '../../../../crds/marathon-app-rules.ts';
import {isResident, upgradeStrategyOf} from '../../../../crds/upgrade-strategy.ts';
import {err, ok, type Result} from '../../../../lib/result.ts';
import type {BackoffPolicy} from '../instances/backoff.ts';
import {toConstraint, type Constraint} from '../offers/constraints.ts';
import type {AppId} from '../ids.ts';
import {normalisePorts, type PortSpec} from '../ports/port-specs.ts';

export type UnreachableStrategy = 'disabled' | {readonly inactiveAfterMs: number; readonly expungeAfterMs: number};

/** A spec that was checked and has every default filled in; what it does not change of the spec stays in `spec`. */
export type AppDefinition = {
  readonly id: AppId;
  readonly spec: MarathonAppSpec;
  readonly instances: number;
  readonly role: string;
  /** Resources of these roles may be used: `*` is unreserved, the app's own role reserved. */
  readonly acceptedResourceRoles: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly constraints: readonly Constraint[];
  readonly networkMode: NetworkMode;
  readonly ports: readonly PortSpec[];
  readonly backoff: BackoffPolicy;
  readonly minimumHealthCapacity: number;
  readonly maximumOverCapacity: number;
  readonly unreachable: UnreachableStrategy;
  /** Instances must be healthy, not only running. */
  readonly hasHealthChecks: boolean;
};

export type AppDefaults = {readonly role: string; readonly acceptedResourceRoles: 'any' | 'unreserved' | 'reserved'};

/** @returns a message for the user where the CRD's schema could not refuse the spec, or this project can't run it */
export function normaliseApp(id: AppId, spec: MarathonAppSpec, defaults: AppDefaults): Result<AppDefinition, string> {
  const [violation] = appViolations(spec, defaults.role);
  if (violation !== undefined) return err(explain(violation));
  const networkMode = networkModeOf(spec);
  const role = spec.role ?? defaults.role;
  return ok({
    id,
    spec,
    instances: spec.instances,
    role,
    acceptedResourceRoles: isResident(spec) ? ['*'] : (spec.acceptedResourceRoles ?? rolesByDefault(role, defaults)),
    env: plainEnv(spec),
    labels: spec.labels ?? {},
    constraints: (spec.constraints ?? []).map(toConstraint),
    networkMode,
    ports: normalisePorts(spec, networkMode),
    backoff: {
      initialMs: spec.backoffSeconds * 1000,
      factor: spec.backoffFactor,
      maxMs: spec.maxLaunchDelaySeconds * 1000,
    },
    ...upgradeStrategyOf(spec),
    unreachable: unreachableOf(spec),
    hasHealthChecks: (spec.healthChecks ?? []).length > 0,
  });
}

const explain = ({path, errors}: Violation): string => `${path === '/' ? '' : `${path}: `}${errors.join(', ')}`;

function plainEnv(spec: MarathonAppSpec): Record<string, string> {
  const plain = Object.entries(spec.env ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(plain);
}

function rolesByDefault(role: string, {acceptedResourceRoles}: AppDefaults): readonly string[] {
  const byDefault = {any: ['*', role], unreserved: ['*'], reserved: [role]};
  return [...new Set(byDefault[acceptedResourceRoles])];
}

function unreachableOf(spec: MarathonAppSpec): UnreachableStrategy {
  // Its data is where it was; a replacement would begin without.
  const {unreachableStrategy: strategy = isResident(spec) ? 'disabled' : {}} = spec;
  if (strategy === 'disabled') return 'disabled';
  const {inactiveAfterSeconds = 0, expungeAfterSeconds = 0} = strategy;
  return {inactiveAfterMs: inactiveAfterSeconds * 1000, expungeAfterMs: expungeAfterSeconds * 1000};
}
