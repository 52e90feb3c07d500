import type {Kind} from './kind.ts';
import {MARATHON_APPS} from './marathon-app.ts';
import {MARATHON_DEPLOYMENTS} from './marathon-deployment.ts';
import {MARATHON_GROUPS} from './marathon-group.ts';
import {MESOS_AGENTS} from './mesos-agent.ts';
import {MESOS_FRAMEWORKS} from './mesos-framework.ts';
import {MESOS_ROLES} from './mesos-role.ts';

/** Every kind of this project. */
export const KINDS: readonly Kind[] = [
  MESOS_AGENTS,
  MESOS_FRAMEWORKS,
  MESOS_ROLES,
  MARATHON_APPS,
  MARATHON_DEPLOYMENTS,
  MARATHON_GROUPS,
];
