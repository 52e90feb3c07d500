import {APP_ROUTES} from './apps.ts';
import {DEPLOYMENT_ROUTES} from './deployments.ts';
import {EVENT_ROUTES} from './events.ts';
import {GROUP_ROUTES} from './groups.ts';
import type {MarathonRoute} from './marathon-doors.ts';
import {QUEUE_ROUTES} from './queue.ts';
import {SERVER_ROUTES} from './server.ts';
import {TASK_ROUTES} from './tasks.ts';

/** Every route of Marathon. */
export const MARATHON_ROUTES: readonly MarathonRoute[] = [
  ...APP_ROUTES,
  ...TASK_ROUTES,
  ...EVENT_ROUTES,
  ...QUEUE_ROUTES,
  ...GROUP_ROUTES,
  ...DEPLOYMENT_ROUTES,
  ...SERVER_ROUTES,
];
