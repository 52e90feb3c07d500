import type {ApiObject} from '../object.ts';
import type {StatusCause} from '../schema/schema.ts';

/** What one built-in kind does beyond the general rules. All parts change the new object in place. */
export type Strategy = {
  /** Fills in what the server decides at creation. */
  readonly onCreate?: (object: ApiObject, nowIso: string) => void;
  /** Carries over or fills in at an update of the main path. */
  readonly onUpdate?: (object: ApiObject, old: ApiObject, nowIso: string) => void;
  /** When deletion begins; finalizers set here hold the object. */
  readonly onDelete?: (object: ApiObject, nowIso: string) => void;
  readonly validate?: (
    object: ApiObject,
    old: ApiObject | undefined,
    subresource: string | undefined,
  ) => readonly StatusCause[];
};
