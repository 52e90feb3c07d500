import {count} from '../shared/format.ts';
import {useLive} from '../shared/live.ts';
import {Crumbs, Facts, Loaded} from '../shared/page.tsx';
import {href} from '../shared/place.ts';
import {type Column, Table} from '../shared/table.tsx';
import {Ago} from '../shared/time.tsx';
import type {ExplanationMessage} from '../../../api/mesos/explanation.ts';
import {type Framework, msOf, type State} from './model.ts';
import {Offers} from './offers.tsx';
import {amountsText, FrameworkState, namesOf, Tasks} from './parts.tsx';

const rolesOf = ({roles, role}: Framework): string => (roles ?? [role ?? '*']).join(', ');

const columns = (completed: boolean): Column<Framework>[] => [
  {
    title: 'Name',
    show: framework => <a href={href(['frameworks', framework.id])}>{framework.name}</a>,
    by: ({name}) => name,
  },
  ...(completed
    ? []
    : [
        {
          title: 'State',
          show: (framework: Framework) => <FrameworkState framework={framework} />,
          by: ({active}: Framework) => Number(active),
        },
      ]),
  {title: 'Roles', show: rolesOf, by: rolesOf},
  {title: 'Principal', show: ({principal}) => principal ?? '–', by: ({principal}) => principal ?? '', wideOnly: true},
  {title: 'Host', show: ({hostname}) => hostname, by: ({hostname}) => hostname, wideOnly: true},
  {title: 'Tasks', show: ({tasks}) => tasks.length, by: ({tasks}) => tasks.length, align: 'right'},
  {
    title: 'Used',
    show: framework => amountsText(framework.used_resources),
    by: framework => framework.used_resources.cpus,
    wideOnly: true,
  },
  {title: 'Offers', show: ({offers}) => offers.length, by: ({offers}) => offers.length, align: 'right', wideOnly: true},
  completed
    ? {
        title: 'Ended',
        show: framework => <Ago ms={msOf(framework.unregistered_time)} />,
        by: framework => framework.unregistered_time ?? 0,
      }
    : {
        title: 'Registered',
        show: framework => <Ago ms={msOf(framework.registered_time)} />,
        by: ({registered_time}) => registered_time,
      },
];

export function Frameworks({state}: {readonly state: State}) {
  const active = state.frameworks.filter(framework => framework.active);
  const inactive = state.frameworks.filter(framework => !framework.active);
  return (
    <>
      <h1>Frameworks</h1>
      <Table
        label="Active frameworks"
        rows={active}
        columns={columns(false)}
        idOf={({id}) => id}
        sort="Name"
        empty="No framework is active."
      />
      <h2>Inactive</h2>
      <Table
        label="Inactive frameworks"
        rows={inactive}
        columns={columns(false)}
        idOf={({id}) => id}
        sort="Name"
        empty="None."
      />
      <h2>Completed</h2>
      <Table
        label="Completed frameworks"
        rows={state.completed_frameworks}
        columns={columns(true)}
        idOf={({id}) => id}
        sort="-Ended"
        empty="None."
      />
    </>
  );
}

export function FrameworkPage({state, id}: {readonly state: State; readonly id: string}) {
  const framework = [...state.frameworks, ...state.completed_frameworks].find(one => one.id === id);
  const crumbs = <Crumbs steps={[{title: 'Frameworks', href: href(['frameworks'])}, {title: framework?.name ?? id}]} />;
  if (framework === undefined)
    return (
      <>
        {crumbs}
        <p class="empty">No framework with this id is known.</p>
      </>
    );
  const names = namesOf(state.slaves, [...state.frameworks, ...state.completed_frameworks]);
  return (
    <>
      {crumbs}
      <h1>{framework.name}</h1>
      <Facts rows={factsOf(framework)} />
      {framework.connected ? <WhyNoOffer id={id} /> : null}
      <h2>Offers</h2>
      <Offers offers={framework.offers} names={names} />
      <h2>Tasks</h2>
      <Tasks
        label="Tasks"
        tasks={[...framework.tasks, ...framework.unreachable_tasks]}
        names={names}
        empty="No task runs."
      />
      <h2>Completed tasks</h2>
      <Tasks label="Completed tasks" tasks={framework.completed_tasks} names={names} empty="No task has ended." ended />
    </>
  );
}

function factsOf(framework: Framework): (readonly [string, preact.ComponentChildren])[] {
  const {webui_url: page} = framework;
  return [
    ['State', <FrameworkState framework={framework} />],
    ['Id', <code>{framework.id}</code>],
    [
      'Web page',
      /^https?:/.test(page) ? (
        <a href={page} rel="noreferrer">
          {page}
        </a>
      ) : (
        page
      ),
    ],
    ['Roles', rolesOf(framework)],
    ['Principal', framework.principal],
    ['User', framework.user],
    ['Host', framework.hostname],
    ['Registered', <Ago ms={msOf(framework.registered_time)} />],
    ['Failover timeout', count(framework.failover_timeout, 'second')],
    ['Used', amountsText(framework.used_resources)],
    ['Offered', amountsText(framework.offered_resources)],
    ['Capabilities', framework.capabilities.join(', ')],
  ];
}

/** The allocator's reasons, each with an example in a sentence. */
function WhyNoOffer({id}: {readonly id: string}) {
  const live = useLive<ExplanationMessage>(`allocator/explain?framework_id=${encodeURIComponent(id)}`);
  return (
    <>
      <h2>Why no offer</h2>
      <Loaded live={live}>
        {({reasons = [], standings = []}) => (
          <>
            <Table
              label="Why no offer"
              rows={reasons}
              idOf={({reason}) => reason}
              empty="The allocator has not looked yet."
              columns={[
                {title: 'Reason', show: ({reason}) => reason.replaceAll('-', ' '), by: ({reason}) => reason},
                {title: 'Agents', show: ({pairs}) => Number(pairs), by: ({pairs}) => Number(pairs), align: 'right'},
                {title: 'For example', show: ({examples = []}) => exampleText(examples[0])},
              ]}
              sort="-Agents"
            />
            {standings.map(({role, position, weight, framework_shares: shares}) => (
              <p key={role} class="quiet">
                {`Role ${role}: ${position === undefined ? 'asks for nothing' : `place ${Number(position)} of those that wait`}, weight ${weight}, dominant share ${Math.round(shares.now * 1000) / 10} %.`}
              </p>
            ))}
          </>
        )}
      </Loaded>
    </>
  );
}

const exampleText = (example: {readonly hostname?: string; readonly text: string} | undefined): string =>
  example === undefined ? '' : `${example.hostname ?? ''}: ${example.text}`;
