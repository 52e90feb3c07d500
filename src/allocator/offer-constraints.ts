/** `attribute` is the first one of that name. */
export type Selector =
  {readonly kind: 'attribute'; readonly name: string} | {readonly kind: 'hostname' | 'region' | 'zone'};

/** `matches` must take linear time: a framework brings the expression, kept in `pattern` for whoever writes it down. */
export type Predicate =
  | {readonly kind: 'exists' | 'not-exists'}
  | {readonly kind: 'text-equals' | 'text-not-equals'; readonly value: string}
  | {
      readonly kind: 'text-matches' | 'text-not-matches';
      readonly matches: (text: string) => boolean;
      readonly pattern?: string;
    };

export type AttributeConstraint = {readonly selector: Selector; readonly predicate: Predicate};

/** Agents for which every constraint of some group holds. */
export type OfferConstraints = readonly (readonly AttributeConstraint[])[];
