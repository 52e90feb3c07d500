import {cpus, mebibytes} from '../shared/format.ts';
import {href} from '../shared/place.ts';
import {StateDot, TaskState} from '../shared/state-dot.tsx';
import {type Column, Table} from '../shared/table.tsx';
import {Ago} from '../shared/time.tsx';
import {type Agent, type Amounts, type Framework, type Task, timesOf} from './model.ts';

export const amountsText = ({cpus: cores, mem, disk, gpus}: Partial<Amounts>): string =>
  [
    cpus(cores ?? 0),
    mebibytes(mem ?? 0),
    ...((disk ?? 0) > 0 ? [`disk ${mebibytes(disk ?? 0)}`] : []),
    ...((gpus ?? 0) > 0 ? [`${gpus} GPUs`] : []),
  ].join(', ');

export function AgentState({agent}: {readonly agent: Agent}) {
  if (agent.drain_info !== undefined)
    return <StateDot word={`Draining (${agent.drain_info.state ?? ''})`} tone="busy" />;
  if (agent.deactivated) return <StateDot word="Deactivated" tone="busy" />;
  return agent.active ? <StateDot word="Active" tone="good" /> : <StateDot word="Unreachable" tone="bad" />;
}

export function FrameworkState({framework}: {readonly framework: Framework}) {
  if (!framework.connected) return <StateDot word="Disconnected" tone="bad" />;
  return framework.active ? <StateDot word="Active" tone="good" /> : <StateDot word="Inactive" tone="busy" />;
}

type Names = {readonly agents: ReadonlyMap<string, Agent>; readonly frameworks: ReadonlyMap<string, Framework>};

export const namesOf = (agents: readonly Agent[], frameworks: readonly Framework[]): Names => ({
  agents: new Map(agents.map(agent => [agent.id, agent])),
  frameworks: new Map(frameworks.map(framework => [framework.id, framework])),
});

/** Tasks of any frameworks and agents. */
export function Tasks({
  tasks,
  names,
  label,
  empty,
  ended = false,
}: {
  readonly tasks: readonly Task[];
  readonly names: Names;
  readonly label: string;
  readonly empty: string;
  readonly ended?: boolean;
}) {
  return (
    <Table
      label={label}
      rows={tasks}
      columns={columnsOf(names, ended)}
      idOf={({framework_id, id}) => `${framework_id} ${id}`}
      empty={empty}
      sort={ended ? '-Ended' : '-Started'}
    />
  );
}

function columnsOf(names: Names, ended: boolean): readonly Column<Task>[] {
  const agentOf = (task: Task): string => names.agents.get(task.slave_id)?.hostname ?? task.slave_id;
  const columns: Column<Task>[] = [
    {
      title: 'Task',
      show: task => (
        <a class="id" href={href(['tasks', task.framework_id, task.id])}>
          {task.id}
        </a>
      ),
      by: ({id}) => id,
    },
    {title: 'State', show: ({state}) => <TaskState state={state} />, by: ({state}) => state},
    {
      title: 'Framework',
      show: task => (
        <a href={href(['frameworks', task.framework_id])}>
          {names.frameworks.get(task.framework_id)?.name ?? task.framework_id}
        </a>
      ),
      by: task => names.frameworks.get(task.framework_id)?.name ?? '',
      wideOnly: true,
    },
    {title: 'Role', show: ({role}) => role, by: ({role}) => role, wideOnly: true},
    {title: 'Agent', show: task => <a href={href(['agents', task.slave_id])}>{agentOf(task)}</a>, by: agentOf},
    {
      title: 'Resources',
      show: ({resources}) => amountsText(resources),
      by: ({resources}) => resources.cpus,
      wideOnly: true,
    },
    {title: 'Started', show: task => <Ago ms={timesOf(task).startedMs} />, by: task => timesOf(task).startedMs ?? 0},
  ];
  const endedAt: Column<Task> = {
    title: 'Ended',
    show: task => <Ago ms={timesOf(task).endedMs} />,
    by: task => timesOf(task).endedMs ?? 0,
  };
  return ended ? [...columns, endedAt] : columns;
}
