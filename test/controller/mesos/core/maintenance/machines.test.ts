import test from 'ava';
import type {MachineId, MaintenanceSchedule} from '../../../../../src/api/mesos/v1/maintenance.ts';
import {
  isMachine,
  scheduleProblem,
  startMaintenance,
  stopMaintenance,
} from '../../../../../src/controller/mesos/core/maintenance/machines.ts';

const schedule = (...windows: MachineId[][]): MaintenanceSchedule => ({
  windows: windows.map(machine_ids => ({machine_ids, unavailability: {start: {nanoseconds: 1}}})),
});
const A = {hostname: 'a'};
const B = {hostname: 'b', ip: '10.0.0.2'};

const machine = {hostname: 'Host-1.example', nodeName: 'node-1'};
for (const [id, want] of [
  [{hostname: 'host-1.EXAMPLE'}, true],
  [{hostname: 'node-1', ip: '10.0.0.1'}, true],
  [{ip: '10.0.0.1'}, false],
  [{hostname: 'host-2.example'}, false],
] as const) {
  test(`${JSON.stringify(id)} ${want ? 'is' : 'is not'} the agent's machine`, t => {
    t.is(isMachine(id, machine), want);
  });
}
test('an address is the machine whose agent is known by it', t => {
  t.true(isMachine({ip: '10.0.0.1'}, {hostname: '10.0.0.1', nodeName: 'node-1'}));
});

const schedules = {
  'two windows': {schedule: schedule([A], [B]), want: undefined},
  nothing: {schedule: {}, want: undefined},
  'no machine': {schedule: schedule([]), want: /must name machines/},
  'a machine without a name': {schedule: schedule([{}]), want: /needs a 'hostname' or an 'ip'/},
  'a machine twice': {schedule: schedule([A], [{hostname: 'A'}]), want: /more than once/},
  'no address': {schedule: schedule([{ip: 'zzz'}]), want: /IPv4/},
};
for (const [title, row] of Object.entries(schedules)) {
  test(`a schedule with ${title} is ${row.want === undefined ? 'good' : 'refused'}`, t => {
    const problem = scheduleProblem(row.schedule, {schedule: {}, down: []});
    if (row.want === undefined) t.is(problem, undefined);
    else t.regex(problem ?? '', row.want);
  });
}

test('a machine that is down stays in the schedule', t => {
  t.regex(scheduleProblem(schedule([B]), {schedule: schedule([A]), down: [A]}) ?? '', /is down/);
});

test('machines go down that are scheduled, and leave the schedule when they come up', t => {
  const planned = {schedule: schedule([A, B]), down: []};
  t.regex(JSON.stringify(startMaintenance(planned, [{hostname: 'c'}])), /not scheduled/);
  const started = startMaintenance(planned, [A]);
  t.deepEqual(started, {maintenance: {schedule: schedule([A, B]), down: [A]}});
  if (!('maintenance' in started)) return t.fail();
  t.regex(JSON.stringify(startMaintenance(started.maintenance, [A])), /down already/);
  t.regex(JSON.stringify(stopMaintenance(started.maintenance, [B])), /is not down/);
  t.deepEqual(stopMaintenance(started.maintenance, [A]), {maintenance: {schedule: schedule([B]), down: []}});
  t.regex(JSON.stringify(stopMaintenance(planned, [])), /No machines/);
});

test('a window may be without end or without length, and not less than that', t => {
  const lasting = (nanoseconds: number | undefined): MaintenanceSchedule => ({
    windows: [
      {
        machine_ids: [A],
        unavailability: {start: {nanoseconds: 1}, ...(nanoseconds !== undefined && {duration: {nanoseconds}})},
      },
    ],
  });
  const problem = (schedule: MaintenanceSchedule) => scheduleProblem(schedule, {schedule: {}, down: []});
  t.deepEqual([problem(lasting(undefined)), problem(lasting(0))], [undefined, undefined]);
  t.regex(problem(lasting(-1)) ?? '', /must not be negative/);
});
