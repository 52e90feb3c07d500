import type {Attribute, DomainInfo} from '../../../../api/mesos/v1/resources.ts';

/** What constraints look at, as text. */
export type AgentFacts = {
  readonly agentId: string;
  readonly hostname: string;
  readonly region?: string;
  readonly zone?: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Names of attributes that are numbers, compared as such by IS. */
  readonly scalars: ReadonlySet<string>;
};

type Source = {
  readonly agentId: string;
  readonly hostname: string;
  readonly attributes?: readonly Attribute[];
  readonly domain?: DomainInfo;
};

export function agentFacts({agentId, hostname, attributes = [], domain}: Source): AgentFacts {
  const texts = new Map<string, string>();
  // The first attribute of a name counts.
  for (const attribute of attributes)
    if (!texts.has(attribute.name)) texts.set(attribute.name, attributeText(attribute));
  return {
    agentId,
    hostname,
    region: domain?.fault_domain?.region.name,
    zone: domain?.fault_domain?.zone.name,
    attributes: texts,
    scalars: new Set(attributes.filter(({type}) => type === 'SCALAR').map(({name}) => name)),
  };
}

/** The value of a constraint's field, or undefined when the agent has no such field. */
export function fieldOf(agent: AgentFacts, field: string): string | undefined {
  switch (field) {
    case 'hostname':
    case '@hostname':
      return agent.hostname;
    case '@region':
      return agent.region;
    case '@zone':
      return agent.zone;
    default:
      return agent.attributes.get(field);
  }
}

function attributeText(attribute: Attribute): string {
  switch (attribute.type) {
    case 'TEXT':
      return attribute.text?.value ?? '';
    case 'SCALAR':
      return String(thousandths(attribute.scalar?.value ?? 0) / 1000);
    case 'RANGES': {
      const ranges = (attribute.ranges?.range ?? []).toSorted((a, b) => a.begin - b.begin);
      return `[${ranges.map(({begin, end}) => `${begin}-${end}`).join(',')}]`;
    }
    case 'SET':
      return `{${(attribute.set?.item ?? []).toSorted().join(',')}}`;
    default:
      return attribute.type satisfies never;
  }
}

/** A scalar to three decimals, as a whole number; halves go to the even one: 1.0005 is 1000. */
export function thousandths(value: number): number {
  // Products of binary fractions are a little off; six decimals are more than anybody writes.
  const scaled = Math.round(value * 1e9) / 1e6;
  const floor = Math.floor(scaled);
  if (scaled - floor !== 0.5) return Math.round(scaled);
  return floor % 2 === 0 ? floor : floor + 1;
}
