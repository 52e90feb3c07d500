import {AppsService} from './apps-service.ts';
import {GroupsService} from './groups-service.ts';
import type {MarathonAccess} from './marathon-access.ts';
import {Turns} from './turns.ts';

/** What reads and writes apps and groups for the routes. */
export function servicesOf(access: MarathonAccess): {readonly apps: AppsService; readonly groups: GroupsService} {
  const turns = new Turns();
  return {apps: new AppsService(access, turns), groups: new GroupsService(access, turns)};
}
