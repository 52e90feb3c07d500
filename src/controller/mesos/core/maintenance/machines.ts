import type {ClusterStatus, MachineId, MaintenanceSchedule} from '../../../../api/mesos/v1/maintenance.ts';
import type {AgentRecord} from '../agents/agent-record.ts';
import type {Maintenance, MaintenanceWindow as Window} from './maintenance-plan.ts';
import type {ReadonlyMaster} from '../state.ts';

/** What identifies an agent's machine. */
type Machine = Pick<AgentRecord, 'hostname' | 'nodeName'>;

/**
 * Whether an operator means this machine. Unlike in Mesos, the host's name alone is enough: an agent is known by the name
 * of its host or its node, and has no address of its own. An address counts where the agent's host name is that address.
 */
export const isMachine = (id: MachineId, machine: Machine): boolean => namesOf(machine).includes(keyOf(id));

const keyOf = ({hostname, ip}: MachineId): string => (hostname ?? ip ?? '').toLowerCase();
const namesOf = ({hostname, nodeName}: Machine): readonly [string, string] => [
  hostname.toLowerCase(),
  nodeName.toLowerCase(),
];

/** Windows by the name of each of their machines: they are looked up for every offer. */
export const windowsOf = ({windows = []}: MaintenanceSchedule): ReadonlyMap<string, Window> =>
  new Map(windows.flatMap(window => (window.machine_ids ?? []).map(id => [keyOf(id), window] as const)));

/** The same for the ids of one machine, and for no other. */
const identity = ({hostname, ip}: MachineId): string => `${hostname?.toLowerCase() ?? ''} ${ip ?? ''}`;
const identities = (machines: readonly MachineId[]): ReadonlySet<string> => new Set(machines.map(identity));

/** The window in which the machine is, or will be, away. */
export function windowOf({windows}: ReadonlyMaster, machine: Machine): Window | undefined {
  if (windows.size === 0) return undefined;
  const [hostname, nodeName] = namesOf(machine);
  return windows.get(hostname) ?? windows.get(nodeName);
}

export const isInSchedule = (master: ReadonlyMaster, machine: Machine): boolean =>
  windowOf(master, machine) !== undefined;

export const isDown = ({maintenance}: ReadonlyMaster, machine: Machine): boolean =>
  maintenance.down.some(id => isMachine(id, machine));

const machinesOf = ({windows = []}: MaintenanceSchedule): readonly MachineId[] =>
  windows.flatMap(({machine_ids = []}) => machine_ids);

/** @returns what is wrong with a schedule that replaces the one there is, or undefined */
export function scheduleProblem(schedule: MaintenanceSchedule, {down}: Maintenance): string | undefined {
  for (const {machine_ids = [], unavailability} of schedule.windows ?? []) {
    if (machine_ids.length === 0) return 'A maintenance window must name machines';
    if ((unavailability.duration?.nanoseconds ?? 0) < 0) return 'The duration of a window must not be negative';
    const problem = machinesProblem(machine_ids);
    if (problem !== undefined) return problem;
  }
  const machines = machinesOf(schedule);
  const seen = new Set<string>();
  const twice = machines.find(id => seen.size === seen.add(identity(id)).size);
  if (twice !== undefined) return `Machine ${JSON.stringify(twice)} appears more than once in the schedule`;
  const missing = down.find(id => !seen.has(identity(id)));
  return missing === undefined ? undefined : `Machine ${JSON.stringify(missing)} is down and must stay in the schedule`;
}

const IPV4 = /^(\d{1,3}[.]){3}\d{1,3}$/;

function machinesProblem(machines: readonly MachineId[]): string | undefined {
  for (const {hostname = '', ip = ''} of machines) {
    if (hostname === '' && ip === '') return "A machine needs a 'hostname' or an 'ip'";
    if (ip !== '' && !IPV4.test(ip)) return `Want an IPv4 address, got '${ip}'`;
  }
  return undefined;
}

type Change = {readonly problem: string} | {readonly maintenance: Maintenance};

/** Machines go down that are in the schedule. */
export function startMaintenance({schedule, down}: Maintenance, machines: readonly MachineId[]): Change {
  const [scheduled, isDownNow] = [identities(machinesOf(schedule)), identities(down)];
  const problem = listProblem(machines);
  if (problem !== undefined) return {problem};
  for (const id of machines) {
    if (!scheduled.has(identity(id))) return {problem: `Machine ${JSON.stringify(id)} is not scheduled`};
    if (isDownNow.has(identity(id))) return {problem: `Machine ${JSON.stringify(id)} is down already`};
  }
  return {maintenance: {schedule, down: [...down, ...machines]}};
}

/** Machines that are down come up, and leave the schedule. */
export function stopMaintenance({schedule, down}: Maintenance, machines: readonly MachineId[]): Change {
  const problem = listProblem(machines);
  if (problem !== undefined) return {problem};
  const isDownNow = identities(down);
  const up = machines.find(id => !isDownNow.has(identity(id)));
  if (up !== undefined) return {problem: `Machine ${JSON.stringify(up)} is not down`};
  const leaving = identities(machines);
  const stays = (id: MachineId): boolean => !leaving.has(identity(id));
  const windows = (schedule.windows ?? [])
    .map(({machine_ids = [], unavailability}) => ({machine_ids: machine_ids.filter(stays), unavailability}))
    .filter(({machine_ids}) => machine_ids.length > 0);
  return {maintenance: {schedule: {windows}, down: down.filter(stays)}};
}

const listProblem = (machines: readonly MachineId[]): string | undefined =>
  machines.length === 0 ? 'No machines named' : machinesProblem(machines);

/** GET_MAINTENANCE_STATUS: what frameworks said of the machines that are going down. */
export function statusOf(master: ReadonlyMaster): ClusterStatus {
  const {schedule, down} = master.maintenance;
  const isDownNow = identities(down);
  const draining = machinesOf(schedule).filter(id => !isDownNow.has(identity(id)));
  return {
    draining_machines: draining.map(id => ({id, statuses: answersFrom(master, id)})),
    down_machines: down,
  };
}

const answersFrom = (master: ReadonlyMaster, id: MachineId) =>
  [...master.inverseAnswers.values()]
    .filter(({agentId}) => {
      const agent = master.agents.get(agentId);
      return agent !== undefined && isMachine(id, agent.record);
    })
    .map(({status, frameworkId, answeredMs}) => ({
      status,
      framework_id: {value: frameworkId},
      timestamp: {nanoseconds: answeredMs * 1e6},
    }));
