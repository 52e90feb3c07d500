import type {MachineId, MaintenanceSchedule} from '../../../../api/mesos/v1/maintenance.ts';

/** When machines are away. */
export type MaintenanceWindow = NonNullable<MaintenanceSchedule['windows']>[number];

/** What the operator plans, and which machines he has taken down. */
export type Maintenance = {readonly schedule: MaintenanceSchedule; readonly down: readonly MachineId[]};
