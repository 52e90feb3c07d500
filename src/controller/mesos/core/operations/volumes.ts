import type {Resources} from '../../../../allocator/resources.ts';
import type {AgentId} from '../ids.ts';

/** A persistent volume: its id is unique among those of its role on its agent. */
export type VolumeKey = {readonly agentId: string; readonly role: string; readonly id: string};

/** The persistent volumes that are gone once `after` is what there is. */
export function destroyedVolumes(agentId: AgentId, before: Resources, after: Resources): readonly VolumeKey[] {
  const left = new Set(volumesIn(agentId, after).map(keyText));
  return volumesIn(agentId, before).filter(key => !left.has(keyText(key)));
}

const keyText = ({role, id}: VolumeKey): string => JSON.stringify([role, id]);

const volumesIn = (agentId: AgentId, resources: Resources): readonly VolumeKey[] =>
  resources.list().flatMap(({disk, reservations = []}) => {
    const id = disk?.persistence?.id;
    return id === undefined ? [] : [{agentId, role: reservations.at(-1)?.role ?? '*', id}];
  });
