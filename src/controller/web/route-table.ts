import {MARATHON_ROUTES} from '../marathon/http/marathon-routes.ts';
import {MASTER_ROUTES} from '../mesos/http/master-routes.ts';
import {WHAT_IF_ROUTE} from '../what-if/what-if-route.ts';
import {CONSOLE_ROUTES} from './console.ts';
import {HELP_ROUTE, OPENAPI_ROUTE} from './description-routes.ts';
import {HEALTH_ROUTES} from './health-routes.ts';
import {PAGE_ROUTES} from './pages.ts';
import type {RouteEntry} from './route.ts';

/** Every route of both ports. What answers, the help, OpenAPI, the reference pages and the hostile suite come from it. */
export const ROUTE_TABLE: Readonly<Record<'master' | 'marathon', readonly RouteEntry[]>> = {
  master: [...MASTER_ROUTES, WHAT_IF_ROUTE, ...HEALTH_ROUTES, HELP_ROUTE, ...PAGE_ROUTES],
  marathon: [...MARATHON_ROUTES, OPENAPI_ROUTE, ...CONSOLE_ROUTES, ...PAGE_ROUTES],
};
