import {toFrameworkId} from '../../../allocator/ids.ts';
import type {Subject} from '../../../lib/blame.ts';
import type {Command} from '../core/commands.ts';
import {subjectOfFramework, subjectOfLaunch} from '../core/subjects.ts';

/** A command, and the object that it came of where that is known better than from the command. */
export type Fact = Command & {readonly about?: Subject};

type View = {readonly name: string; readonly uid: string; readonly generation: number};

const version = ({uid, generation}: View): string => `${uid}/${generation}`;

export const aboutAgent = (view: View): Subject => ({kind: 'MesosAgent', name: view.name, version: version(view)});

export const aboutFramework = (view: View): Subject => ({
  kind: 'MesosFramework',
  name: view.name,
  version: version(view),
});

export const aboutRole = (view: View): Subject => ({kind: 'MesosRole', name: view.name, version: version(view)});

/** What a role's status says: it is followed where the spec is left out, and left out where it fails, too. */
export const aboutRoleStatus = (view: View): Subject => ({...aboutRole(view), kind: 'MesosRoleStatus'});

/** The object or call that a command is about. */
export function subjectOf(fact: Fact): Subject | undefined {
  if (fact.about !== undefined) return fact.about;
  switch (fact.kind) {
    case 'call':
      return {
        kind: 'Call',
        name: `${fact.call.type} of ${fact.call.framework_id.value}`,
        version: JSON.stringify(fact.call),
      };
    case 'subscribe': {
      const {framework_id, subscribe} = fact.call;
      const who = framework_id?.value ?? subscribe.framework_info.name;
      return {kind: 'Call', name: `SUBSCRIBE of ${who}`, version: JSON.stringify(fact.call)};
    }
    case 'operate':
      return {
        kind: 'Call',
        name: `${fact.operation.type} on ${fact.agentId}`,
        version: JSON.stringify(fact.operation),
      };
    case 'framework-saved':
    case 'framework-not-saved':
    case 'teardown':
      return subjectOfFramework(fact.frameworkId);
    case 'pod-seen':
    case 'pod-read':
    case 'pod-gone':
    case 'pod-released':
    case 'launch-refused':
      return subjectOfLaunch(fact.launch);
    default:
      return undefined;
  }
}

/** What has to be in the state for a command to make sense: the framework of a task, the agent that it is on. */
export function dependsOn(fact: Fact): readonly Subject[] {
  switch (fact.kind) {
    case 'restore':
      return fact.launches.map(({frameworkId}) => subjectOfFramework(frameworkId));
    case 'call':
      return [subjectOfFramework(toFrameworkId(fact.call.framework_id.value))];
    case 'subscribe':
      return fact.call.framework_id === undefined
        ? []
        : [subjectOfFramework(toFrameworkId(fact.call.framework_id.value))];
    case 'pod-seen':
    case 'pod-read':
    case 'pod-gone':
      return [subjectOfFramework(fact.launch.frameworkId)];
    default:
      return [];
  }
}
