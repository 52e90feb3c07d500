import type {Quota} from '../../../../allocator/quota/quota-book.ts';

/** What a role is promised, and what it is bound by. Both empty: no quota. */
export type RoleQuota = Required<Quota>;

/** Why what somebody wants of a role is refused. The reasons are those of the MesosRole's condition. */
export type RoleProblem = {
  readonly reason:
    | 'InvalidRole'
    | 'NotWhitelisted'
    | 'NestedRole'
    | 'InvalidAmount'
    | 'GuaranteeAboveLimit'
    | 'LimitBelowConsumption'
    | 'Overcommitted';
  readonly message: string;
};
