import type {MarathonError} from '../../../api/marathon/v2/errors.ts';
import {moved} from './decode-update.ts';

/** The error of a part of a body. @param at where that part is, such as `(1)` or `/apps(1)` */
export const movedError = (error: MarathonError, at: string): MarathonError =>
  error.kind === 'wrong-types' || error.kind === 'invalid-object'
    ? {...error, violations: moved(error.violations, at)}
    : error;
