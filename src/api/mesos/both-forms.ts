import type {Resource} from './v1/resources.ts';

/**
 * A resource as pages about agents and frameworks show it: for readers of both forms. One that is not reserved has the
 * role `*`, one that is reserved once has role and reservation of the older form, too. A refined one has no older form.
 */
export function inBothForms(resource: Resource): Resource {
  const {reservations: [first, ...refinements] = []} = resource;
  if (first === undefined) return {...resource, role: resource.role ?? '*'};
  if (refinements.length > 0) return resource;
  const {type, role = '*', principal, labels} = first;
  if (type !== 'DYNAMIC') return {...resource, role};
  const reservation = {...(principal !== undefined && {principal}), ...(labels !== undefined && {labels})};
  return {...resource, role, reservation};
}
