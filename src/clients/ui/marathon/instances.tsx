import {useState} from 'preact/hooks';
import {call, textOf} from '../shared/api.ts';
import {Problem} from '../shared/dialog.tsx';
import {touch} from '../shared/live.ts';
import {Facts} from '../shared/page.tsx';
import {StateDot, TaskState} from '../shared/state-dot.tsx';
import {type Column, Table} from '../shared/table.tsx';
import {Ago} from '../shared/time.tsx';
import {href} from '../shared/place.ts';
import {type App, healthOf, type Task} from './model.ts';

const HEALTH_TONES = {Healthy: 'good', Unhealthy: 'bad', Unknown: 'quiet'} as const;

export const time = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Date.parse(text);

export function Instances({app}: {readonly app: App}) {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [error, setError] = useState<string>();
  const tasks = app.tasks ?? [];
  const chosen = tasks.filter(({id}) => ticked.has(id));
  const turn = (id: string): void =>
    setTicked(old => (old.has(id) ? new Set([...old].filter(one => one !== id)) : new Set([...old, id])));
  const kill = async (query: string): Promise<void> => {
    try {
      await call('POST', `v2/tasks/delete${query}`, {ids: chosen.map(({id}) => id)});
      setTicked(new Set());
      setError(undefined);
      touch();
    } catch (failure) {
      setError(textOf(failure));
    }
  };
  const all = chosen.length === tasks.length && tasks.length > 0;
  return (
    <>
      <div class="tools">
        <button
          type="button"
          onClick={() => setTicked(new Set(all ? [] : tasks.map(({id}) => id)))}
          disabled={tasks.length === 0}
        >
          {all ? 'Choose none' : 'Choose all'}
        </button>
        <button type="button" disabled={chosen.length === 0} onClick={() => kill('')}>
          Kill
        </button>
        <button type="button" disabled={chosen.length === 0} onClick={() => kill('?scale=true')}>
          Kill &amp; Scale
        </button>
        {chosen.some(({localVolumes = []}) => localVolumes.length > 0) ? (
          <button type="button" class="danger" onClick={() => kill('?wipe=true')}>
            Kill &amp; Wipe
          </button>
        ) : null}
        <span class="quiet">{chosen.length === 0 ? '' : `${chosen.length} chosen`}</span>
      </div>
      <Problem text={error} />
      <Table
        label="Instances"
        rows={tasks}
        columns={columnsOf(app, ticked, turn)}
        idOf={({id}) => id}
        sort="-Updated"
        empty="No tasks run."
      />
    </>
  );
}

function columnsOf(app: App, ticked: ReadonlySet<string>, turn: (id: string) => void): readonly Column<Task>[] {
  const updated = ({startedAt, stagedAt}: Task): number => time(startedAt ?? stagedAt) ?? 0;
  const health: Column<Task> = {
    title: 'Health',
    show: task => <StateDot word={healthOf(task)} tone={HEALTH_TONES[healthOf(task)]} />,
    by: healthOf,
  };
  return [
    {
      title: '',
      show: ({id}) => (
        <input type="checkbox" aria-label={`Choose ${id}`} checked={ticked.has(id)} onChange={() => turn(id)} />
      ),
    },
    {
      title: 'ID',
      show: task => (
        <>
          <a class="id" href={href(['apps', app.id, 'task', task.id])}>
            {task.id}
          </a>
          <br />
          <small>{endpointsOf(task).join(', ')}</small>
        </>
      ),
      by: ({id}) => id,
    },
    ...((app.healthChecks ?? []).length > 0 ? [health] : []),
    {title: 'Status', show: ({state}) => <TaskState state={state} />, by: ({state}) => state},
    {title: 'Version', show: ({version}) => <Ago ms={time(version)} />, by: ({version}) => version, wideOnly: true},
    {title: 'Updated', show: task => <Ago ms={updated(task)} />, by: updated},
  ];
}

const endpointsOf = ({host, ports = []}: Task): string[] =>
  ports.length === 0 ? [host] : ports.map(port => `${host}:${port}`);

export function TaskPage({app, id}: {readonly app: App; readonly id: string}) {
  const task = (app.tasks ?? []).find(one => one.id === id);
  if (task === undefined) return <p class="empty">No such task runs. It may have ended.</p>;
  return (
    <>
      <h2>{task.id}</h2>
      <Facts
        rows={[
          ['Host', task.host],
          ['Addresses', (task.ipAddresses ?? []).map(({ipAddress}) => ipAddress).join(', ')],
          ['Endpoints', endpointsOf(task).join(', ')],
          ['Status', <TaskState state={task.state} />],
          ['Staged', <Ago ms={time(task.stagedAt)} />],
          ['Started', <Ago ms={time(task.startedAt)} />],
          ['Version', <Ago ms={time(task.version)} />],
          ['Health', <StateDot word={healthOf(task)} tone={HEALTH_TONES[healthOf(task)]} />],
        ]}
      />
      {(task.healthCheckResults ?? []).map((result, index) => (
        <section key={index}>
          <h2>Health check {index + 1}</h2>
          <Facts
            rows={[
              ['Alive', result.alive ? 'yes' : 'no'],
              ['First success', <Ago ms={time(result.firstSuccess)} />],
              ['Last success', <Ago ms={time(result.lastSuccess)} />],
              ['Last failure', <Ago ms={time(result.lastFailure)} />],
              ['Cause', result.lastFailureCause],
              ['Failures in a row', result.consecutiveFailures],
            ]}
          />
        </section>
      ))}
    </>
  );
}
