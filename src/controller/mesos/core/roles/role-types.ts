import type {TaskPolicySpec} from '../../../../crds/task-policy.ts';
import type {Subject} from '../../../../lib/blame.ts';
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

/** What is, or should be, in effect for a role. Absent: weight 1, no quota. */
export type RoleSetting = {
  readonly role: string;
  readonly weight?: number;
  readonly quota?: RoleQuota;
  /** What tasks of the role may do, as far as it differs from the role above. */
  readonly tasks?: TaskPolicySpec;
  /** The object that says so. */
  readonly about?: Subject;
};

/** What a MesosRole asks for. `force`: also limits below consumption and guarantees that overcommit the cluster. */
export type RoleWish = RoleSetting & {readonly force: boolean; readonly generation: number};
