import type {Client} from '../records.ts';
import type {Resource} from '../resource.ts';
import {reservedTo} from '../resource.ts';
import type {Resources} from '../resources.ts';

/** The part of an agent's free resources that a client may be offered: its role allows it, and the framework knows the kind. */
export function visibleTo(client: Client, free: Resources): Resources {
  return free.isRestricted ? free.filter(resource => isVisible(client, resource)) : free;
}

function isVisible({framework: {capabilities}, role: {role}}: Client, resource: Resource): boolean {
  if (resource.revocable === true && !capabilities.has('REVOCABLE_RESOURCES')) return false;
  if (resource.shared === true && !capabilities.has('SHARED_RESOURCES')) return false;
  const refined = (resource.reservations?.length ?? 0) > 1;
  if (refined && !capabilities.has('RESERVATION_REFINEMENT')) return false;
  const owner = reservedTo(resource);
  return owner === undefined || owner === role || role.startsWith(`${owner}/`);
}
