import type {TaskPolicy} from '../../../crds/task-policy.ts';
import type {TaskInfo} from '../../../api/mesos/v1/common.ts';
import {err, ok} from '../../../lib/result.ts';
import type {Result} from '../../../lib/result.ts';
import type {DockerWishes} from './docker-parameters.ts';
import {idOf} from './int32.ts';
import type {SeccompProfile, SecurityContext} from './pod.ts';
import {allowedCapability, notAllowed, PRIVILEGED_REFUSED} from './policy.ts';

/** The user of our own image, and of whoever fetches for a task that names no other. */
const OWN_USER = 65532;

const CONFINED: SeccompProfile = {type: 'RuntimeDefault'};

/**
 * What the task's container may do. Without wishes: at level `privileged` whatever the container engine gives, at
 * `baseline` the same behind its system call filter, at `restricted` no root, no capability, no way to more.
 *
 * @returns why the policy does not allow what the task asks for
 */
export function securityOf(info: TaskInfo, wishes: DockerWishes, policy: TaskPolicy): Result<SecurityContext, string> {
  const privileged = info.container?.docker?.privileged === true || wishes.privileged === true;
  if (privileged && !policy.privileged) return err(PRIVILEGED_REFUSED);
  const capabilities = capabilitiesOf(info, wishes, policy);
  if (!capabilities.ok) return capabilities;
  const seccomp = seccompOf(info, privileged, policy);
  if (!seccomp.ok) return seccomp;
  const user = userOf(info, wishes, policy);
  if (!user.ok) return user;
  const context: SecurityContext = {
    ...(privileged && {privileged}),
    ...user.value,
    ...(wishes.readOnlyRoot && {readOnlyRootFilesystem: true}),
    ...(wishes.noNewPrivileges && {allowPrivilegeEscalation: false}),
    ...(capabilities.value !== undefined && {capabilities: capabilities.value}),
    ...(seccomp.value !== undefined && {seccompProfile: seccomp.value}),
  };
  return policy.podSecurity === 'restricted' ? restricted(context) : ok(context);
}

/** Whoever fetches needs nothing but the network and the sandbox; it owns what it brings, if the task has a user. */
export function fetcherSecurity(info: TaskInfo): SecurityContext {
  const user = numberOf(info.command?.user);
  return {
    runAsNonRoot: true,
    runAsUser: user === undefined || user === 0 ? OWN_USER : user,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: {drop: ['ALL']},
    seccompProfile: CONFINED,
  };
}

/** Users by name exist in an image only: nobody here knows their numbers. */
export const isNamedUser = (user: string | undefined): boolean => user !== undefined && numberOf(user) === undefined;

const numberOf = (user: string | undefined): number | undefined => {
  if (user === 'root') return 0;
  return user === undefined ? undefined : idOf(user);
};

/** Without a user the image decides, which nobody here knows: `non-root` leaves that check to the kubelet. */
function userOf(
  {command}: TaskInfo,
  {user, group}: DockerWishes,
  {users}: TaskPolicy,
): Result<Pick<SecurityContext, 'runAsUser' | 'runAsGroup' | 'runAsNonRoot'>, string> {
  const runAsUser = numberOf(command?.user) ?? user;
  const known = {...(runAsUser !== undefined && {runAsUser}), ...(group !== undefined && {runAsGroup: group})};
  if (users.includes('*') || isAmong(runAsUser, users)) return ok(known);
  if (!users.includes('non-root') || runAsUser === 0) {
    const who = runAsUser === undefined ? 'the user of the image' : runAsUser === 0 ? 'root' : String(runAsUser);
    return err(notAllowed(`user ${who} is`, 'users'));
  }
  return ok({...known, runAsNonRoot: true});
}

const isAmong = (user: number | undefined, users: readonly string[]): boolean =>
  user !== undefined && users.some(name => numberOf(name) === user);

/** A Mesos container names all that it may have, a Docker container what is more or less than usual. */
function capabilitiesOf(
  {container}: TaskInfo,
  {capabilities: {add, drop}}: DockerWishes,
  policy: TaskPolicy,
): Result<SecurityContext['capabilities'], string> {
  const linux = container?.linux_info;
  const exact = linux?.effective_capabilities?.capabilities ?? linux?.bounding_capabilities?.capabilities;
  const added: string[] = [];
  for (const name of [...(exact ?? []), ...add]) {
    const allowed = allowedCapability(name, policy);
    if (!allowed.ok) return allowed;
    added.push(allowed.value);
  }
  const dropped = exact === undefined ? drop.map(name => name.toUpperCase().replace(/^CAP_/, '')) : ['ALL'];
  if (added.length + dropped.length === 0) return ok(undefined);
  return ok({...(dropped.length > 0 && {drop: dropped}), ...(added.length > 0 && {add: added})});
}

function seccompOf(
  {container}: TaskInfo,
  privileged: boolean,
  policy: TaskPolicy,
): Result<SeccompProfile | undefined, string> {
  const {unconfined, profile_name} = container?.linux_info?.seccomp ?? {};
  if (unconfined === true) {
    return policy.privileged
      ? ok({type: 'Unconfined'})
      : err(notAllowed('an unconfined seccomp profile is', 'privileged'));
  }
  if (profile_name !== undefined) {
    return /^[/]|(^|[/])[.]{2}([/]|$)/.test(profile_name)
      ? err(`seccomp profile '${profile_name}' must be a path below the kubelet's folder of profiles`)
      : ok({type: 'Localhost', localhostProfile: profile_name});
  }
  return ok(privileged || policy.podSecurity === 'privileged' ? undefined : CONFINED);
}

function restricted(context: SecurityContext): Result<SecurityContext, string> {
  if (context.privileged === true) return err(notAllowed('privileged containers are', 'podSecurity'));
  if (context.runAsUser === 0) return err(notAllowed('user root is', 'podSecurity'));
  const add = context.capabilities?.add;
  return ok({
    ...context,
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    capabilities: {drop: ['ALL'], ...(add !== undefined && {add})},
  });
}
