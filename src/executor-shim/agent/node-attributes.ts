import {ATTRIBUTE_PREFIX} from '../../crds/meta.ts';
import type {AgentSpec} from './agent-object.ts';

const REGION = 'topology.kubernetes.io/region';
const ZONE = 'topology.kubernetes.io/zone';

type Labels = Readonly<Record<string, string>>;

/**
 * Node labels as Mesos's attributes, in text form and by name.
 *
 * @param listed labels that become attributes of the same name
 * @param given  `--attributes`: wins where names are the same
 */
export function nodeAttributes(labels: Labels, listed: readonly string[], given: string): string {
  const own = Object.keys(labels).filter(key => key.startsWith(ATTRIBUTE_PREFIX));
  const named = [
    ...listed.map(key => [key, labels[key] ?? ''] as const),
    ...own.map(key => [key.slice(ATTRIBUTE_PREFIX.length), labels[key] ?? ''] as const),
  ];
  const asGiven = given.split(';').map(item => item.trim());
  const byName = new Map(named.filter(([name, value]) => name !== '' && value !== ''));
  for (const item of asGiven) byName.delete(item.slice(0, item.indexOf(':')).trim());
  const texts = [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}:${value}`);
  return [...texts, ...asGiven.filter(item => item !== '')].join(';');
}

/** The fault domain, where the node says both region and zone. */
export function nodeDomain(labels: Labels): AgentSpec['domain'] {
  const [region, zone] = [labels[REGION] ?? '', labels[ZONE] ?? ''];
  return region === '' || zone === '' ? undefined : {region, zone};
}
