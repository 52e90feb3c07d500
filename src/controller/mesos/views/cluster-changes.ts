import type {FrameworkInfo, TaskStatus} from '../../../api/mesos/v1/common.ts';
import type {OperatorEvent} from '../../../api/mesos/v1/operator-events.ts';
import type {AgentId, FrameworkId} from '../core/ids.ts';
import type {ReadonlyFramework, ReadonlyMaster} from '../core/state.ts';
import type {ReadonlyTask} from '../core/tasks/task.ts';
import {shownState} from '../core/tasks/statuses.ts';
import {agentMessage, frameworkMessage, registered, taskMessage} from './operator-views.ts';

/** How much of a task was told: its statuses up to one, and that its agent is away. */
type ToldTask = {readonly status: TaskStatus | undefined; readonly index: number; readonly isAway: boolean};

type ToldFramework = {
  info: FrameworkInfo;
  /** What makes it another one for a subscriber; compared by identity. */
  marks: readonly unknown[];
  /** By task: the same id may be used again. */
  readonly tasks: Map<ReadonlyTask, ToldTask>;
  /** The last of the completed ones that were looked at. */
  lastCompleted: ReadonlyTask | undefined;
};

/**
 * What subscribers of the operator API were told of the cluster, and what has changed since. It compares, so nothing that
 * changes the state needs to say so. Several changes between two looks are told one after the other as far as the state
 * remembers them: of a task each status.
 */
export class ClusterChanges {
  readonly #frameworks = new Map<FrameworkId, ToldFramework>();
  readonly #agents = new Set<AgentId>();

  /** From now on everything that is there counts as told. */
  begin(master: ReadonlyMaster): void {
    this.#frameworks.clear();
    this.#agents.clear();
    for (const framework of registered(master)) this.#frameworks.set(framework.id, toldOf(framework));
    for (const id of master.agents.keys()) this.#agents.add(id);
  }

  /** @param touched frameworks whose tasks may have changed */
  since(master: ReadonlyMaster, touched: ReadonlySet<FrameworkId>): OperatorEvent[] {
    return [
      ...this.#newAgents(master),
      ...registered(master).flatMap(framework => this.#frameworkChanges(master, framework, touched)),
      ...this.#lostAgents(master),
      ...this.#lostFrameworks(master),
    ];
  }

  #newAgents(master: ReadonlyMaster): OperatorEvent[] {
    const added = [...master.agents].filter(([id]) => !this.#agents.has(id));
    for (const [id] of added) this.#agents.add(id);
    return added.map(([, agent]) => ({type: 'AGENT_ADDED', agent_added: {agent: agentMessage(master, agent)}}));
  }

  #lostAgents({agents}: ReadonlyMaster): OperatorEvent[] {
    const lost = [...this.#agents].filter(id => !agents.has(id));
    for (const id of lost) this.#agents.delete(id);
    return lost.map(value => ({type: 'AGENT_REMOVED', agent_removed: {agent_id: {value}}}));
  }

  #frameworkChanges(
    master: ReadonlyMaster,
    framework: ReadonlyFramework,
    touched: ReadonlySet<FrameworkId>,
  ): OperatorEvent[] {
    const told = this.#frameworks.get(framework.id);
    if (told === undefined) {
      const added: ToldFramework = {...toldOf(framework), tasks: new Map(), lastCompleted: undefined};
      this.#frameworks.set(framework.id, added);
      const event = {framework: frameworkMessage(master, framework)};
      return [{type: 'FRAMEWORK_ADDED', framework_added: event}, ...taskChanges(framework, added)];
    }
    const isAnother = marksOf(framework).some((mark, index) => mark !== told.marks[index]);
    told.info = framework.info;
    told.marks = marksOf(framework);
    const updated = {framework: frameworkMessage(master, framework)};
    return [
      ...(isAnother ? [{type: 'FRAMEWORK_UPDATED' as const, framework_updated: updated}] : []),
      ...(touched.has(framework.id) ? taskChanges(framework, told) : []),
    ];
  }

  #lostFrameworks({frameworks, completedFrameworks}: ReadonlyMaster): OperatorEvent[] {
    const lost = [...this.#frameworks].filter(([id]) => !frameworks.has(id));
    return lost.flatMap(([id, told]) => {
      this.#frameworks.delete(id);
      const ended = completedFrameworks.findLast(framework => framework.id === id);
      const removed = {framework_info: told.info};
      const tasks = ended === undefined ? [] : taskChanges(ended, told);
      return [...tasks, {type: 'FRAMEWORK_REMOVED' as const, framework_removed: removed}];
    });
  }
}

const marksOf = ({info, streamId, recovered, offerConstraints}: ReadonlyFramework): readonly unknown[] => [
  info,
  streamId,
  recovered,
  offerConstraints,
];

const toldOf = (framework: ReadonlyFramework): ToldFramework => ({
  info: framework.info,
  marks: marksOf(framework),
  tasks: new Map([
    ...Array.from(framework.tasks.values(), task => [task, toldTask(task, false)] as const),
    ...Array.from(framework.unreachableTasks.values(), task => [task, toldTask(task, true)] as const),
  ]),
  lastCompleted: framework.completedTasks.at(-1),
});

const toldTask = ({statuses}: ReadonlyTask, isAway: boolean): ToldTask => ({
  status: statuses.at(-1),
  index: statuses.length - 1,
  isAway,
});

function taskChanges(framework: ReadonlyFramework, told: ToldFramework): OperatorEvent[] {
  const {tasks, unreachableTasks} = framework;
  const events: OperatorEvent[] = [];
  const look = (task: ReadonlyTask, isAway: boolean): unknown =>
    events.push(...changesOf(framework, told, task, isAway));
  for (const task of tasks.values()) look(task, false);
  for (const task of unreachableTasks.values()) look(task, true);
  for (const task of newlyCompleted(framework, told)) look(task, false);
  for (const task of told.tasks.keys()) {
    if (tasks.get(task.taskId) === task || unreachableTasks.get(task.taskId) === task) continue;
    look(task, false);
    told.tasks.delete(task);
  }
  return events;
}

/** Oldest first. */
function newlyCompleted({completedTasks}: ReadonlyFramework, told: ToldFramework): readonly ReadonlyTask[] {
  const from = told.lastCompleted === undefined ? -1 : completedTasks.lastIndexOf(told.lastCompleted);
  told.lastCompleted = completedTasks.at(-1);
  return completedTasks.slice(from + 1);
}

const NOTHING: readonly OperatorEvent[] = [];

function changesOf(
  framework: ReadonlyFramework,
  {tasks}: ToldFramework,
  task: ReadonlyTask,
  isAway: boolean,
): readonly OperatorEvent[] {
  const known = tasks.get(task);
  const {statuses} = task;
  if (known !== undefined && known.status === statuses.at(-1) && known.isAway === isAway) return NOTHING;
  tasks.set(task, toldTask(task, isAway));
  const fresh = statuses.slice(known === undefined ? 0 : firstFresh(known, statuses));
  const state = shownState(framework, task);
  const updates = fresh.map((status): OperatorEvent => ({
    type: 'TASK_UPDATED',
    task_updated: {framework_id: {value: framework.id}, status, state},
  }));
  if (known === undefined) {
    return [taskAdded({...taskMessage(framework, task), state: 'TASK_STAGING', statuses: []}), ...updates];
  }
  return known.isAway && !isAway && fresh.length === 0 ? [taskAdded(taskMessage(framework, task))] : updates;
}

/** Behind the last one that was told, unless a newer one of the same state has taken its place. */
const firstFresh = ({status, index}: ToldTask, statuses: ReadonlyTask['statuses']): number =>
  index < 0 || statuses[index] === status ? index + 1 : index;

const taskAdded = (task: ReturnType<typeof taskMessage>): OperatorEvent => ({type: 'TASK_ADDED', task_added: {task}});
