import type {Kind} from '../kinds.ts';

/** What a write says besides its body. */
export type WriteRequest = {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  /** From the path; undefined for POST to the collection. */
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly fieldManager: string;
  readonly fieldValidation: 'Strict' | 'Warn' | 'Ignore';
  readonly dryRun: boolean;
  /** Server-side apply takes fields over from others. */
  readonly force: boolean;
};
