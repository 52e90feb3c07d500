import {FILE_ROUTES} from '../../web/file-routes.ts';
import {CLUSTER_ROUTES} from './cluster.ts';
import {EXPLAIN_ROUTE} from './explain.ts';
import {JOURNAL_ROUTE} from './journal.ts';
import {MAINTENANCE_ROUTES} from './maintenance.ts';
import type {MasterRoute} from './master-doors.ts';
import {OPERATOR_ROUTE} from './operator.ts';
import {PROCESS_ROUTES} from './process.ts';
import {RESERVATION_ROUTES} from './reservations.ts';
import {ROLE_ROUTES} from './roles.ts';
import {SCHEDULER_ROUTE} from './scheduler.ts';
import {TASK_POLICY_ROUTE} from './task-policy.ts';

/** Every route of the master. */
export const MASTER_ROUTES: readonly MasterRoute[] = [
  SCHEDULER_ROUTE,
  OPERATOR_ROUTE,
  ...CLUSTER_ROUTES,
  ...ROLE_ROUTES,
  ...RESERVATION_ROUTES,
  ...MAINTENANCE_ROUTES,
  EXPLAIN_ROUTE,
  TASK_POLICY_ROUTE,
  JOURNAL_ROUTE,
  ...PROCESS_ROUTES,
  ...FILE_ROUTES,
];
