import {Crumbs, Facts} from '../shared/page.tsx';
import {href, type Place} from '../shared/place.ts';
import {setQuery} from '../shared/route.ts';
import {TaskState} from '../shared/state-dot.tsx';
import {Table} from '../shared/table.tsx';
import {Ago} from '../shared/time.tsx';
import {msOf, type State, type Task, timesOf} from './model.ts';
import {amountsText, namesOf, Tasks} from './parts.tsx';

export function TasksPage({state, place}: {readonly state: State; readonly place: Place}) {
  const text = place.query.get('text') ?? '';
  const wanted = (task: Task): boolean =>
    `${task.id} ${task.name} ${task.role} ${task.state}`.toLowerCase().includes(text.toLowerCase());
  const frameworks = [...state.frameworks, ...state.completed_frameworks];
  const names = namesOf(state.slaves, frameworks);
  const active = frameworks
    .flatMap(({tasks, unreachable_tasks: unreachable}) => [...tasks, ...unreachable])
    .filter(wanted);
  const completed = frameworks.flatMap(framework => framework.completed_tasks).filter(wanted);
  return (
    <>
      <h1>Tasks</h1>
      <div class="tools">
        <input
          class="grow"
          type="search"
          placeholder="Find by id, name, role or state"
          aria-label="Find tasks"
          value={text}
          onInput={event => setQuery(place, {text: event.currentTarget.value})}
        />
      </div>
      <h2>Active ({active.length})</h2>
      <Tasks label="Active tasks" tasks={active} names={names} empty="No task runs." />
      <h2>Completed ({completed.length})</h2>
      <Tasks label="Completed tasks" tasks={completed} names={names} empty="No task has ended." ended />
    </>
  );
}

export function TaskPage({
  state,
  frameworkId,
  id,
}: {
  readonly state: State;
  readonly frameworkId: string;
  readonly id: string;
}) {
  const framework = [...state.frameworks, ...state.completed_frameworks].find(one => one.id === frameworkId);
  const task = [
    ...(framework?.tasks ?? []),
    ...(framework?.unreachable_tasks ?? []),
    ...(framework?.completed_tasks ?? []),
  ].find(one => one.id === id);
  const crumbs = <Crumbs steps={[{title: 'Tasks', href: href(['tasks'])}, {title: id}]} />;
  if (framework === undefined || task === undefined)
    return (
      <>
        {crumbs}
        <p class="empty">No task with this id is known. The master keeps the latest completed tasks only.</p>
      </>
    );
  const agent = state.slaves.find(one => one.id === task.slave_id);
  const {startedMs, endedMs} = timesOf(task);
  return (
    <>
      {crumbs}
      <h1>{task.name}</h1>
      <Facts
        rows={[
          ['State', <TaskState state={task.state} />],
          ['Id', <code>{task.id}</code>],
          ['Framework', <a href={href(['frameworks', frameworkId])}>{framework.name}</a>],
          ['Agent', <a href={href(['agents', task.slave_id])}>{agent?.hostname ?? task.slave_id}</a>],
          ['Role', task.role],
          ['Resources', amountsText(task.resources)],
          ['Ports', task.resources.ports],
          ['Started', <Ago ms={startedMs} />],
          ['Ended', endedMs === undefined ? undefined : <Ago ms={endedMs} />],
        ]}
      />
      <h2>What happened</h2>
      <Table
        label="Statuses"
        rows={task.statuses.map((status, index) => ({...status, index}))}
        idOf={({index}) => String(index)}
        empty="No status yet."
        columns={[
          {title: 'State', show: status => <TaskState state={status.state} />},
          {title: 'When', show: ({timestamp}) => <Ago ms={msOf(timestamp)} />},
          {title: 'Health', show: ({healthy}) => (healthy === undefined ? '–' : healthy ? 'Healthy' : 'Unhealthy')},
        ]}
      />
    </>
  );
}
