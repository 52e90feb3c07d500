import {useLive} from '../shared/live.ts';
import {Loaded} from '../shared/page.tsx';
import {Table} from '../shared/table.tsx';
import {Until, Ago} from '../shared/time.tsx';
import type {State} from './model.ts';
import {AgentState} from './parts.tsx';
import {href} from '../shared/place.ts';

type Machine = {readonly hostname?: string; readonly ip?: string};
type Schedule = {
  readonly windows?: readonly {
    readonly machine_ids?: readonly Machine[];
    readonly unavailability?: {
      readonly start?: {readonly nanoseconds?: number};
      readonly duration?: {readonly nanoseconds?: number};
    };
  }[];
};
type Status = {
  readonly draining_machines?: readonly {readonly id?: Machine}[];
  readonly down_machines?: readonly Machine[];
};

const nameOf = ({hostname, ip}: Machine): string => hostname ?? ip ?? '–';

/** What is planned, what drains, and what is down. */
export function Maintenance({state}: {readonly state: State}) {
  const schedule = useLive<Schedule>('maintenance/schedule');
  const status = useLive<Status>('maintenance/status');
  const away = state.slaves.filter(({deactivated, drain_info: drain}) => deactivated || drain !== undefined);
  return (
    <>
      <h1>Maintenance</h1>
      <h2>Planned windows</h2>
      <Loaded live={schedule}>
        {({windows = []}) => (
          <Table
            label="Planned windows"
            rows={windows.map((window, index) => ({...window, index}))}
            idOf={({index}) => String(index)}
            empty="No maintenance is planned."
            columns={[
              {title: 'Machines', show: ({machine_ids: machines = []}) => machines.map(nameOf).join(', ')},
              {title: 'Begins', show: ({unavailability: when}) => <Ago ms={msOfNanos(when?.start?.nanoseconds)} />},
              {title: 'Lasts', show: ({unavailability: when}) => lengthOf(when?.duration?.nanoseconds)},
            ]}
          />
        )}
      </Loaded>
      <h2>Machines in maintenance</h2>
      <Loaded live={status}>
        {({draining_machines: draining = [], down_machines: down = []}) => (
          <Table
            label="Machines in maintenance"
            rows={[
              ...draining.map(({id}) => ({machine: nameOf(id ?? {}), is: 'Draining'})),
              ...down.map(id => ({machine: nameOf(id), is: 'Down'})),
            ]}
            idOf={({machine}) => machine}
            empty="No machine drains or is down."
            columns={[
              {title: 'Machine', show: ({machine}) => machine, by: ({machine}) => machine},
              {title: 'State', show: ({is}) => is, by: ({is}) => is},
            ]}
          />
        )}
      </Loaded>
      <h2>Drained and deactivated agents</h2>
      <Table
        label="Drained and deactivated agents"
        rows={away}
        idOf={({id}) => id}
        empty="Every agent takes tasks."
        columns={[
          {
            title: 'Host',
            show: ({id, hostname}) => <a href={href(['agents', id])}>{hostname}</a>,
            by: ({hostname}) => hostname,
          },
          {title: 'State', show: agent => <AgentState agent={agent} />},
        ]}
      />
    </>
  );
}

const msOfNanos = (nanos: number | undefined): number | undefined =>
  nanos === undefined ? undefined : Number(nanos) / 1e6;

const lengthOf = (nanos: number | undefined) =>
  nanos === undefined ? 'without end' : <Until ms={Date.now() + Number(nanos) / 1e6} />;
