import type {Caller} from '../runtime/caller.ts';
import {type Acls, allows, allowsAll} from './acls.ts';
import type {Action, Asked} from './actions.ts';

/** Says of many objects whether an action on them is allowed. `all`: it is, whatever they are. */
export type Approver = 'all' | ((object: string | undefined) => boolean);

/** Who may what. Callers in this process may everything. */
export type Authorizer = {
  readonly may: (caller: Caller, asked: Asked) => Promise<boolean>;
  /** @param objects those that will be asked about */
  readonly approver: (caller: Caller, action: Action, objects: () => Iterable<string | undefined>) => Promise<Approver>;
};

/** Everybody may everything. */
export const OPEN: Authorizer = {
  may: () => Promise.resolve(true),
  approver: () => Promise.resolve('all'),
};

/** By access control lists. */
export const aclAuthorizer = (acls: Acls): Authorizer => ({
  may: (caller, asked) => Promise.resolve(isOurs(caller) || allows(acls, caller.principal, asked)),
  approver: (caller, action) =>
    Promise.resolve(
      isOurs(caller) || allowsAll(acls, action)
        ? 'all'
        : remembering(object => allows(acls, caller.principal, {action, object})),
    ),
});

export const isOurs = ({transport}: Caller): boolean => transport === 'in-process';

/** Many tasks have few users. */
function remembering(decide: (object: string | undefined) => boolean): Approver {
  const known = new Map<string | undefined, boolean>();
  return object => {
    const found = known.get(object);
    if (found !== undefined) return found;
    const decided = decide(object);
    known.set(object, decided);
    return decided;
  };
}

export const approves = (approver: Approver, object: string | undefined): boolean =>
  approver === 'all' || approver(object);
