import {unavailabilitySchema} from './common.ts';
import {idSchema, timeSchema} from './resources.ts';
import {enumeration, list, message, optional, required, text} from './schema.ts';
import type {Wire} from './schema.ts';

// Maintenance as the operator API and the older pages speak of it.

/** A machine by its host's name, its address, or both. */
export const machineIdSchema = message({hostname: optional(1, text), ip: optional(2, text)});
export type MachineId = Wire<typeof machineIdSchema>;

export const machineIdsSchema = message({machines: list(1, machineIdSchema)});

export const scheduleSchema = message({
  windows: list(1, message({machine_ids: list(1, machineIdSchema), unavailability: required(2, unavailabilitySchema)})),
});
export type MaintenanceSchedule = Wire<typeof scheduleSchema>;

/** What frameworks said about leaving a machine. */
export const clusterStatusSchema = message({
  draining_machines: list(
    1,
    message({
      id: required(1, machineIdSchema),
      statuses: list(
        2,
        message({
          status: required(1, enumeration({UNKNOWN: 1, ACCEPT: 2, DECLINE: 3})),
          framework_id: required(2, idSchema),
          timestamp: required(3, timeSchema),
        }),
      ),
    }),
  ),
  down_machines: list(2, machineIdSchema),
});
export type ClusterStatus = Wire<typeof clusterStatusSchema>;
