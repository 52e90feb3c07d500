import type {MarathonGroupStatus} from '../../../../crds/marathon-group.ts';
import type {Result} from '../../../../lib/result.ts';
import type {AppId} from '../ids.ts';

/** What holds for all apps below a path. */
export type GroupDefinition = {
  /** Absolute ids of apps and groups. */
  readonly dependencies: readonly AppId[];
  /** Of a top-level group; undefined: nothing was said. */
  readonly enforceRole: boolean | undefined;
};

/** What the core reads of a MarathonGroup object. */
export type GroupObject = {
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  /** RFC 3339; orders objects that claim the same id. */
  readonly createdAt: string;
  readonly id: AppId;
  /** The checked spec, or what is wrong with it. */
  readonly definition: Result<GroupDefinition, string>;
  /** Written by the REST interface with its change. */
  readonly version: string | undefined;
  readonly status: MarathonGroupStatus | undefined;
};

/** One MarathonGroup. ChangeResult in place by the core, and by nobody else. */
export type Group = {
  object: GroupObject;
  /** What is in force; absent while the object is not understood, or in the way of others. */
  definition: GroupDefinition | undefined;
  /** Why its definition is not in force. */
  problem: string | undefined;
};
