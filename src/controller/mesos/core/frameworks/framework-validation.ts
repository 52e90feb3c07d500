import type {FrameworkInfo, OfferFilters} from '../../../../api/mesos/v1/common.ts';
import type {Subscribe} from '../../../../api/mesos/v1/scheduler.ts';
import {readConstraints} from '../offers/constraints.ts';
import {hasCapability, idProblem, roleProblem, rolesOf} from './names.ts';
import type {MasterOptions, ReadonlyFramework} from '../state.ts';

/** `failover_timeout` must fit into 63 bits of nanoseconds. */
const MAX_FAILOVER_SECONDS = 2 ** 63 / 1e9;

type Check = (info: FrameworkInfo, body: Subscribe, options: MasterOptions) => string | undefined;

const checks: readonly Check[] = [
  info => (info.id === undefined || info.id.value === '' ? undefined : idProblem(info.id.value)),
  roleForm,
  info => duplicate(rolesOf(info)),
  info => firstOf(rolesOf(info), roleProblem),
  (info, _body, {roleWhitelist}) =>
    roleWhitelist === undefined
      ? undefined
      : firstOf(rolesOf(info), role =>
          roleWhitelist.has(role) ? undefined : `Role '${role}' is not in the whitelist`,
        ),
  (info, _body, {rootSubmissions}) =>
    info.user === 'root' && !rootSubmissions ? "User 'root' is not allowed to run frameworks" : undefined,
  info =>
    (info.failover_timeout ?? 0) < MAX_FAILOVER_SECONDS ? undefined : 'The failover_timeout is not representable',
  (info, body) =>
    firstOf(body.suppressed_roles ?? [], role =>
      rolesOf(info).includes(role) ? undefined : `Suppressed role '${role}' is not among the framework's roles`,
    ),
  info => filtersProblem(info),
  (info, body, {patternLimits}) => {
    const read = readConstraints(body.offer_constraints, rolesOf(info), patternLimits);
    return read.ok ? undefined : read.error;
  },
];

/** @returns why this subscription (or update) is refused, or undefined */
export function subscriptionProblem(body: Subscribe, options: MasterOptions): string | undefined {
  for (const check of checks) {
    const problem = check(body.framework_info, body, options);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** @returns why a known framework may not change like this over UPDATE_FRAMEWORK, or undefined */
export function updateProblem(
  framework: ReadonlyFramework,
  body: Subscribe,
  options: MasterOptions,
): string | undefined {
  const {info} = framework;
  const next = body.framework_info;
  if (next.principal !== undefined && next.principal !== info.principal) {
    return 'Updating FrameworkInfo.principal is unsupported';
  }
  if (next.user !== info.user) return 'Updating FrameworkInfo.user is unsupported';
  if ((next.checkpoint ?? false) !== (info.checkpoint ?? false))
    return 'Updating FrameworkInfo.checkpoint is unsupported';
  return subscriptionProblem(body, options);
}

function roleForm(info: FrameworkInfo): string | undefined {
  const multiRole = hasCapability(info, 'MULTI_ROLE');
  if (multiRole && info.role !== undefined) return "A MULTI_ROLE framework must not set 'role'";
  return !multiRole && (info.roles ?? []).length > 0 ? "'roles' needs the MULTI_ROLE capability" : undefined;
}

function duplicate(roles: readonly string[]): string | undefined {
  const twice = roles.find((role, index) => roles.indexOf(role) !== index);
  return twice === undefined ? undefined : `Role '${twice}' is given twice`;
}

function firstOf(list: readonly string[], problem: (item: string) => string | undefined): string | undefined {
  for (const item of list) {
    const found = problem(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function filtersProblem(info: FrameworkInfo): string | undefined {
  return firstOf(Object.keys(info.offer_filters ?? {}), role => {
    if (!rolesOf(info).includes(role)) return `Offer filters for the foreign role '${role}'`;
    const filters: OfferFilters | undefined = info.offer_filters?.[role];
    const amounts = filters?.min_allocatable_resources?.quantities ?? [];
    const bad = amounts.some(({quantities}) => Object.values(quantities ?? {}).some(({value}) => !(value >= 0)));
    return bad ? `Offer filters of role '${role}' have an invalid quantity` : undefined;
  });
}
