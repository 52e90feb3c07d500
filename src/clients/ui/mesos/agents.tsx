import {Usage} from '../shared/bar.tsx';
import {mebibytes, percent, short} from '../shared/format.ts';
import {Crumbs, Facts} from '../shared/page.tsx';
import {href} from '../shared/place.ts';
import {type Column, Table} from '../shared/table.tsx';
import {Ago} from '../shared/time.tsx';
import {type Agent, msOf, type State} from './model.ts';
import {AgentState, amountsText, namesOf, Tasks} from './parts.tsx';

const used = ({resources, used_resources}: Agent, name: 'cpus' | 'mem' | 'disk'): number =>
  resources[name] === 0 ? 0 : used_resources[name] / resources[name];

const COLUMNS: readonly Column<Agent>[] = [
  {
    title: 'Host',
    show: agent => <a href={href(['agents', agent.id])}>{agent.hostname}</a>,
    by: ({hostname}) => hostname,
  },
  {
    title: 'State',
    show: agent => <AgentState agent={agent} />,
    by: ({active, deactivated}) => Number(active) - Number(deactivated),
  },
  {
    title: 'CPUs',
    show: agent => `${percent(used(agent, 'cpus'))} of ${short(agent.resources.cpus)}`,
    by: agent => used(agent, 'cpus'),
    align: 'right',
  },
  {
    title: 'Memory',
    show: agent => `${percent(used(agent, 'mem'))} of ${mebibytes(agent.resources.mem)}`,
    by: agent => used(agent, 'mem'),
    align: 'right',
  },
  {
    title: 'Disk',
    show: agent => `${percent(used(agent, 'disk'))} of ${mebibytes(agent.resources.disk)}`,
    by: agent => used(agent, 'disk'),
    align: 'right',
    wideOnly: true,
  },
  {
    title: 'Attributes',
    show: ({attributes}) =>
      Object.entries(attributes).map(([name, value]) => <span key={name} class="label">{`${name}: ${value}`}</span>),
    wideOnly: true,
  },
  {
    title: 'Registered',
    show: agent => <Ago ms={msOf(agent.registered_time)} />,
    by: agent => agent.registered_time ?? 0,
    wideOnly: true,
  },
];

export function Agents({state}: {readonly state: State}) {
  return (
    <>
      <h1>Agents</h1>
      <Table
        label="Agents"
        rows={state.slaves}
        columns={COLUMNS}
        idOf={({id}) => id}
        sort="Host"
        empty="No agent has registered yet."
      />
    </>
  );
}

export function AgentPage({state, id}: {readonly state: State; readonly id: string}) {
  const agent = state.slaves.find(one => one.id === id);
  const crumbs = <Crumbs steps={[{title: 'Agents', href: href(['agents'])}, {title: agent?.hostname ?? id}]} />;
  if (agent === undefined)
    return (
      <>
        {crumbs}
        <p class="empty">No agent with this id is registered. It may have been removed.</p>
      </>
    );
  const {resources, used_resources: taken, offered_resources: offered} = agent;
  const here = (list: 'tasks' | 'completed_tasks') =>
    state.frameworks.flatMap(framework => framework[list]).filter(task => task.slave_id === id);
  const names = namesOf(state.slaves, state.frameworks);
  return (
    <>
      {crumbs}
      <h1>{agent.hostname}</h1>
      <div class="cards">
        <section class="card" aria-label="Resources">
          <Usage label="CPUs" used={taken.cpus} offered={offered.cpus} total={resources.cpus} show={short} />
          <Usage label="Memory" used={taken.mem} offered={offered.mem} total={resources.mem} show={mebibytes} />
          <Usage label="Disk" used={taken.disk} offered={offered.disk} total={resources.disk} show={mebibytes} />
        </section>
      </div>
      <Facts rows={factsOf(agent)} />
      <h2>Tasks</h2>
      <Tasks label="Tasks" tasks={here('tasks')} names={names} empty="No task runs here." />
      <h2>Completed tasks</h2>
      <Tasks
        label="Completed tasks"
        tasks={here('completed_tasks')}
        names={names}
        empty="No task has ended here."
        ended
      />
    </>
  );
}

function factsOf(agent: Agent): (readonly [string, preact.ComponentChildren])[] {
  const domain = agent.domain?.fault_domain;
  const reserved = Object.entries(agent.reserved_resources);
  return [
    ['State', <AgentState agent={agent} />],
    ['Id', <code>{agent.id}</code>],
    ['Address', agent.pid?.replace(/^slave\(1\)@/, '')],
    ['Version', agent.version],
    ['Registered', <Ago ms={msOf(agent.registered_time)} />],
    [
      'Region and zone',
      domain === undefined ? undefined : `${domain.region?.name ?? '–'}, ${domain.zone?.name ?? '–'}`,
    ],
    [
      'Attributes',
      Object.entries(agent.attributes)
        .map(([name, value]) => `${name}: ${value}`)
        .join(', '),
    ],
    ['Ports', agent.resources.ports],
    ['Ports in use', agent.used_resources.ports],
    ['Reserved', reserved.map(([role, amounts]) => `${role}: ${amountsText(amounts)}`).join('; ')],
    ['Capabilities', agent.capabilities?.join(', ')],
  ];
}
