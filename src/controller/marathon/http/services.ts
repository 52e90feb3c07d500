import {AppsService} from './apps-service.ts';
import {GroupsService} from './groups-service.ts';
import type {MarathonAccess} from './marathon-access.ts';
import {Turns} from './turns.ts';

/** What reads and writes apps and groups for the routes. */
type Services = {readonly apps: AppsService; readonly groups: GroupsService; readonly turns: Turns};

/** @param turns shared by all callers: in which changes of several apps are made */
export function servicesOf(access: MarathonAccess, turns = new Turns()): Services {
  return {turns, apps: new AppsService(access, turns), groups: new GroupsService(access, turns)};
}
