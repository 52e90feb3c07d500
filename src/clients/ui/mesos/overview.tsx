import {Usage} from '../shared/bar.tsx';
import {count, mebibytes, short} from '../shared/format.ts';
import {Facts} from '../shared/page.tsx';
import {href} from '../shared/place.ts';
import {Ago} from '../shared/time.tsx';
import {HeatMap} from './heat-map.tsx';
import {msOf, type State, sum} from './model.ts';
import {ShareChart} from './share-chart.tsx';
import {namesOf, Tasks} from './parts.tsx';

/** The whole cluster at a glance. */
export function Overview({state}: {readonly state: State}) {
  const {slaves, frameworks} = state;
  const total = sum(slaves.filter(({active}) => active).map(({resources}) => resources));
  const used = sum(slaves.map(({used_resources}) => used_resources));
  const offered = sum(slaves.map(({offered_resources}) => offered_resources));
  const tasks = frameworks.flatMap(framework => framework.tasks);
  const usage = [
    {label: 'CPUs', name: 'cpus', show: short},
    {label: 'Memory', name: 'mem', show: mebibytes},
    {label: 'Disk', name: 'disk', show: mebibytes},
    ...(total.gpus > 0 ? [{label: 'GPUs', name: 'gpus', show: short} as const] : []),
  ] as const;
  return (
    <>
      <h1>{state.cluster ?? 'Mesos cluster'}</h1>
      <div class="cards">
        <Numbers title="Agents" to={['agents']} main={state.activated_slaves} rest={agentsText(state)} />
        <Numbers
          title="Frameworks"
          to={['frameworks']}
          main={frameworks.filter(({active}) => active).length}
          rest={frameworksText(state)}
        />
        <Numbers title="Tasks" to={['tasks']} main={tasks.length} rest={tasksText(tasks.map(task => task.state))} />
        <section class="card" aria-label="Resources">
          {usage.map(({label, name, show}) => (
            <Usage key={name} label={label} used={used[name]} offered={offered[name]} total={total[name]} show={show} />
          ))}
        </section>
      </div>
      <h2>Dominant share of each role</h2>
      <ShareChart />
      <h2>Agents by load</h2>
      <HeatMap agents={slaves} />
      <h2>Newest tasks</h2>
      <Tasks
        label="Newest tasks"
        tasks={[...tasks]
          .sort((a, b) => (b.statuses.at(-1)?.timestamp ?? 0) - (a.statuses.at(-1)?.timestamp ?? 0))
          .slice(0, 10)}
        names={namesOf(slaves, frameworks)}
        empty="No task runs."
      />
      <h2>Master</h2>
      <Facts
        rows={[
          ['Leader', state.leader.replace(/^master@/, '')],
          ['Version', state.version],
          ['Started', <Ago ms={msOf(state.start_time)} />],
          ['Elected', <Ago ms={msOf(state.elected_time)} />],
          ['Id', <code>{state.id}</code>],
        ]}
      />
    </>
  );
}

function Numbers({
  title,
  to,
  main,
  rest,
}: {
  readonly title: string;
  readonly to: readonly string[];
  readonly main: number;
  readonly rest: string;
}) {
  return (
    <section class="card" aria-label={title}>
      <h2>
        <a href={href(to)}>{title}</a>
      </h2>
      <div class="big">{main.toLocaleString('en')}</div>
      <div class="quiet">{rest}</div>
    </section>
  );
}

const agentsText = ({deactivated_slaves: deactivated, unreachable_slaves: unreachable}: State): string =>
  `active · ${deactivated} deactivated · ${unreachable} unreachable`;

const frameworksText = ({frameworks, completed_frameworks: completed}: State): string =>
  `active · ${frameworks.filter(({active}) => !active).length} inactive · ${completed.length} completed`;

function tasksText(states: readonly string[]): string {
  const running = states.filter(state => state === 'TASK_RUNNING').length;
  const unreachable = states.filter(state => state === 'TASK_UNREACHABLE').length;
  return `${count(running, 'runs', 'run')} · ${count(states.length - running - unreachable, 'starts or ends', 'start or end')} · ${unreachable} unreachable`;
}
