import type {Subject} from '../../../lib/blame.ts';
import {frameworkObjectName} from './frameworks/object-name.ts';
import type {FrameworkId} from './ids.ts';
import type {LaunchKey} from './tasks/task-record.ts';

// For whom the master works when a throw has to be blamed on somebody. The core knows no versions of objects.

export const subjectOfFramework = (id: FrameworkId): Subject => ({
  kind: 'MesosFramework',
  name: frameworkObjectName(id),
});

/** @param name of the agent's object */
export const subjectOfAgent = (name: string): Subject => ({kind: 'MesosAgent', name});

/** Another launch under the same name is another subject. */
export const subjectOfLaunch = ({launchId, pod}: Pick<LaunchKey, 'launchId' | 'pod'>): Subject => ({
  kind: 'Pod',
  name: pod.name,
  version: launchId,
});
