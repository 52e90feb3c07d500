import type {OfferId} from '../ids.ts';
import type {Framework, Master, Offer} from '../state.ts';

/** @returns why these offers cannot be accepted together, or undefined */
export function offersProblem(master: Master, framework: Framework, ids: readonly OfferId[]): string | undefined {
  if (ids.length === 0) return 'No offers specified';
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) return `Duplicate offer ${twice}`;
  const offers: Offer[] = [];
  for (const id of ids) {
    const offer = master.offers.get(id);
    if (offer === undefined) return `Offer ${id} is no longer valid`;
    if (offer.frameworkId !== framework.id) return `Offer ${id} belongs to another framework`;
    offers.push(offer);
  }
  return mixture(offers);
}

function mixture([first, ...others]: readonly Offer[]): string | undefined {
  const stranger = others.find(({agentId, role}) => agentId !== first?.agentId || role !== first.role);
  if (stranger === undefined) return undefined;
  return stranger.agentId === first?.agentId
    ? 'Aggregated offers must be of one role'
    : 'Aggregated offers must be of one agent';
}
