import {href} from '../shared/place.ts';
import {type Column, Table} from '../shared/table.tsx';
import type {Offer, State} from './model.ts';
import {amountsText, namesOf} from './parts.tsx';

export function Offers({
  offers,
  names,
}: {
  readonly offers: readonly Offer[];
  readonly names: ReturnType<typeof namesOf>;
}) {
  const host = (offer: Offer): string => names.agents.get(offer.slave_id)?.hostname ?? offer.slave_id;
  const columns: Column<Offer>[] = [
    {title: 'Offer', show: ({id}) => <span class="id">{id}</span>, by: ({id}) => id},
    {
      title: 'Role',
      show: ({allocation_info: info}) => info?.role ?? '*',
      by: ({allocation_info: info}) => info?.role ?? '*',
    },
    {title: 'Agent', show: offer => <a href={href(['agents', offer.slave_id])}>{host(offer)}</a>, by: host},
    {title: 'Resources', show: ({resources}) => amountsText(resources), by: ({resources}) => resources.cpus},
    {title: 'Ports', show: ({resources}) => resources.ports ?? '–', wideOnly: true},
  ];
  return (
    <Table
      label="Offers"
      rows={offers}
      columns={columns}
      idOf={({id}) => id}
      empty="No offer waits for an answer at the moment."
    />
  );
}

export function OffersPage({state}: {readonly state: State}) {
  const names = namesOf(state.slaves, state.frameworks);
  const withOffers = state.frameworks.filter(({offers}) => offers.length > 0);
  return (
    <>
      <h1>Offers</h1>
      {withOffers.length === 0 ? <p class="empty">No offer waits for an answer at the moment.</p> : null}
      {withOffers.map(({id, name, offers}) => (
        <section key={id}>
          <h2>
            <a href={href(['frameworks', id])}>{name}</a>
          </h2>
          <Offers offers={offers} names={names} />
        </section>
      ))}
    </>
  );
}
