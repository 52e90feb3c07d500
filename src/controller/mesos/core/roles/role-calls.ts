import type {OperatorCall, QuotaConfig, QuotaRequest, WeightInfo} from '../../../../api/mesos/v1/operator.ts';
import type {Resource} from '../../../../api/mesos/v1/resources.ts';
import type {CallRefused} from '../../../../api/mesos/v1/transport.ts';
import {err, ok, type Result} from '../../../../lib/result.ts';
import {ClusterChecks, isQuota, nameProblem, quotaProblem, roleQuota} from './quota.ts';
import type {RoleProblem, RoleQuota} from './role-types.ts';
import type {ReadonlyMaster} from '../state.ts';

// The operator's calls about roles: checked against what is known now, and turned into what is to be written.

export type RoleCall = Extract<
  OperatorCall,
  {readonly type: 'UPDATE_WEIGHTS' | 'UPDATE_QUOTA' | 'SET_QUOTA' | 'REMOVE_QUOTA'}
>;

const ROLE_CALLS: ReadonlySet<string> = new Set<RoleCall['type']>([
  'UPDATE_WEIGHTS',
  'UPDATE_QUOTA',
  'SET_QUOTA',
  'REMOVE_QUOTA',
]);

export const isRoleCall = (call: OperatorCall): call is RoleCall => ROLE_CALLS.has(call.type);

/** What changes about a role; what is absent stays. A quota of nothing: none any more. */
export type RoleEdit = {
  readonly role: string;
  readonly weight?: number;
  readonly quota?: RoleQuota & {readonly force: boolean};
};

type Read = Result<readonly RoleEdit[], CallRefused>;

const refused = (status: number, message: string): Read => err({status, message});

/** All that the call asks for, or why none of it is done. */
export function readRoleCall(master: ReadonlyMaster, call: RoleCall): Read {
  switch (call.type) {
    case 'UPDATE_WEIGHTS':
      return readWeights(master, call.update_weights.weight_infos ?? []);
    case 'UPDATE_QUOTA': {
      const {quota_configs: configs = [], force = false} = call.update_quota;
      return readQuotas(master, configs, force);
    }
    case 'SET_QUOTA':
      return readRequest(master, call.set_quota.quota_request);
    case 'REMOVE_QUOTA':
      return readRemoval(master, call.remove_quota.role);
    default:
      return call satisfies never;
  }
}

/** Of several for one role the last counts. */
function readWeights(master: ReadonlyMaster, infos: readonly WeightInfo[]): Read {
  const edits = new Map<string, RoleEdit>();
  for (const {role: given = '', weight} of infos) {
    const role = given.trim();
    const problem = nameProblem(master, role);
    if (problem !== undefined) return refused(400, `Invalid role '${role}': ${problem.message}`);
    if (!(weight >= LEAST_WEIGHT && weight < Number.POSITIVE_INFINITY)) {
      return refused(
        400,
        `Invalid weight '${weight}' of role '${role}': weights must be positive, and at least 0.000001`,
      );
    }
    edits.set(role, {role, weight});
  }
  return ok([...edits.values()]);
}

/** Of the MesosRole's schema. */
const LEAST_WEIGHT = 0.000001;

/** Several at once: all or none. */
function readQuotas(master: ReadonlyMaster, configs: readonly QuotaConfig[], force: boolean): Read {
  const quotas = new Map(configs.map(config => [config.role, toQuota(config)]));
  const checks = new ClusterChecks(master);
  for (const [role, quota] of quotas) {
    const problem = problemOf(master, role, quota) ?? (force ? undefined : checks.consumptionProblem(role, quota));
    if (problem !== undefined) return refused(400, `Invalid QuotaConfig: ${problem.message}`);
  }
  const overcommit = force ? undefined : checks.overcommitProblem(quotas);
  if (overcommit !== undefined)
    return refused(400, `Invalid QuotaConfig: ${overcommit.message}; 'force' skips this check`);
  return ok(Array.from(quotas, ([role, quota]) => ({role, quota: {...quota, force: force && isQuota(quota)}})));
}

const problemOf = (master: ReadonlyMaster, role: string, quota: RoleQuota): RoleProblem | undefined =>
  nameProblem(master, role) ?? quotaProblem(role, quota);

const toQuota = ({guarantees, limits}: QuotaConfig): RoleQuota => roleQuota(toAmounts(guarantees), toAmounts(limits));

const toAmounts = (amounts: Readonly<Record<string, {readonly value: number}>> = {}): ReadonlyMap<string, number> =>
  new Map(Object.entries(amounts).map(([name, {value}]) => [name, value]));

/** The older call: what is guaranteed is the limit too, and there must not be a quota yet. */
function readRequest(master: ReadonlyMaster, {role = '', guarantee = [], force = false}: QuotaRequest): Read {
  const problem = guarantee.length === 0 ? 'the guarantee is empty' : requestProblem(guarantee);
  if (problem !== undefined) return refused(400, `Invalid quota request: ${problem}`);
  const amounts = new Map(guarantee.map(({name, scalar}) => [name, scalar?.value ?? 0]));
  const quota = roleQuota(amounts, amounts);
  const checks = new ClusterChecks(master);
  const invalid = problemOf(master, role, quota) ?? (force ? undefined : checks.consumptionProblem(role, quota));
  if (invalid !== undefined) return refused(400, `Invalid quota request: ${invalid.message}`);
  if (master.quotas.has(role)) return refused(400, `Invalid quota request: role '${role}' has a quota already`);
  const overcommit = force ? undefined : checks.overcommitProblem(new Map([[role, quota]]));
  if (overcommit !== undefined) return refused(409, `${overcommit.message}; 'force' skips this check`);
  return ok([{role, quota: {...quota, force}}]);
}

function requestProblem(guarantee: readonly Resource[]): string | undefined {
  const names = new Set<string>();
  for (const {name, scalar, role = '*', reservation, reservations = [], revocable, disk} of guarantee) {
    if (scalar === undefined) return `'${name}' is no scalar`;
    if (role !== '*' || reservation !== undefined || reservations.length > 0) return `'${name}' is reserved`;
    if (revocable !== undefined) return `'${name}' is revocable`;
    if (disk !== undefined) return `'${name}' has disk information`;
    if (names.has(name)) return `'${name}' is given twice`;
    names.add(name);
  }
  return undefined;
}

function readRemoval(master: ReadonlyMaster, role: string): Read {
  if (!master.quotas.has(role)) return refused(400, `Role '${role}' has no quota`);
  return ok([{role, quota: {guarantees: new Map(), limits: new Map(), force: false}}]);
}
