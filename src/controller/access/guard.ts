import type {Caller} from '../runtime/caller.ts';
import {type Action, type Asked, explainAsked} from './actions.ts';
import {type Approver, type Authorizer, isOurs, OPEN} from './authorizer.ts';
import type {Denials} from './denials.ts';

/** Asks whether callers may do what they want, and writes down what they may not. */
export class Guard {
  readonly #authorizer: Authorizer;
  readonly denials: Pick<Denials, 'note'>;

  constructor(authorizer: Authorizer, denials: Pick<Denials, 'note'>) {
    this.#authorizer = authorizer;
    this.denials = denials;
  }

  /** @returns what is not allowed of all that is asked; undefined: all of it is allowed */
  async denied(caller: Caller, all: readonly Asked[]): Promise<Asked | undefined> {
    if (isOurs(caller)) return undefined;
    for (const asked of all) {
      if (await this.#authorizer.may(caller, asked)) continue;
      this.note(caller, asked);
      return asked;
    }
    return undefined;
  }

  note({principal, address}: Caller, asked: Asked): void {
    this.denials.note('caller not authorized', {principal, address, asked: explainAsked(asked)});
  }

  /** What a caller may do to many objects. @param objects those that will be asked about */
  approver(caller: Caller, action: Action, objects: () => Iterable<string | undefined>): Promise<Approver> {
    return this.#authorizer.approver(caller, action, objects);
  }
}

/** Everybody may everything. */
export const OPEN_GUARD = new Guard(OPEN, {note: () => undefined});
