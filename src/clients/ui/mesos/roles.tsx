import {Bar} from '../shared/bar.tsx';
import {percent} from '../shared/format.ts';
import {useLive} from '../shared/live.ts';
import {Loaded} from '../shared/page.tsx';
import {type Column, Table} from '../shared/table.tsx';
import {dominantShare, type Quantities, type Role, type State, sum} from './model.ts';
import {amountsText} from './parts.tsx';

const depthOf = ({name}: Role): number => name.split('/').length - 1;

/** Roles as a tree: a role stands below the one that its name continues. */
export function Roles({state}: {readonly state: State}) {
  const live = useLive<{readonly roles: readonly Role[]}>('roles');
  const total = sum(state.slaves.filter(({active}) => active).map(({resources}) => resources));
  const columns: Column<Role>[] = [
    {
      title: 'Role',
      show: role => (
        <span style={{paddingLeft: `${depthOf(role) * 1.25}rem`}} title={role.name}>
          {role.name.split('/').at(-1)}
        </span>
      ),
      by: ({name}) => name,
    },
    {title: 'Weight', show: ({weight}) => weight, by: ({weight}) => weight, align: 'right'},
    {
      title: 'Dominant share',
      show: role => <Share share={dominantShare(role.allocated, total)} />,
      by: role => dominantShare(role.allocated, total),
    },
    {title: 'Allocated', show: ({allocated}) => amountsText(allocated), wideOnly: true},
    {title: 'Guarantee', show: ({quota}) => quantitiesText(quota.guarantee), wideOnly: true},
    {title: 'Limit', show: ({quota}) => quantitiesText(quota.limit)},
    {title: 'Consumed', show: ({quota}) => quantitiesText(quota.consumed), wideOnly: true},
    {
      title: 'Frameworks',
      show: ({frameworks}) => frameworks.length,
      by: ({frameworks}) => frameworks.length,
      align: 'right',
      wideOnly: true,
    },
  ];
  return (
    <>
      <h1>Roles</h1>
      <Loaded live={live}>
        {({roles}) => (
          <Table
            label="Roles"
            rows={roles}
            columns={columns}
            idOf={({name}) => name}
            sort="Role"
            empty="No role is known."
          />
        )}
      </Loaded>
    </>
  );
}

function Share({share}: {readonly share: number}) {
  const segments = [
    {name: 'held', value: share, tone: 'used'},
    {name: 'rest of the cluster', value: Math.max(0, 1 - share), tone: 'none'},
  ] as const;
  return (
    <div>
      {percent(share)}
      <Bar
        segments={segments.map(segment => ({...segment, value: segment.value * 100}))}
        label="Dominant share in percent"
      />
    </div>
  );
}

const quantitiesText = (quantities: Quantities): string =>
  Object.keys(quantities).length === 0
    ? '–'
    : Object.entries(quantities)
        .map(([name, value]) =>
          name === 'cpus'
            ? `${value} CPUs`
            : name === 'mem' || name === 'disk'
              ? `${name} ${value} MiB`
              : `${name} ${value}`,
        )
        .join(', ');
