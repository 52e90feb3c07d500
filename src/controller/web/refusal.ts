import type {TooMuch} from '../../lib/limits.ts';

/** Why a request gets no further than the table of routes. Each port says it in the words of its API. */
export type Refusal =
  | {readonly kind: 'unknown-path'; readonly path: string}
  | {readonly kind: 'broken-escape'; readonly path: string}
  | {readonly kind: 'wrong-method'; readonly method: string; readonly allowed: readonly string[]}
  | {readonly kind: 'not-acceptable'; readonly answers: readonly string[]}
  | {readonly kind: 'from-a-browser'; readonly message: string}
  /** `challenges`: what the caller may bring, one `WWW-Authenticate` each. */
  | {readonly kind: 'unauthenticated'; readonly challenges: readonly string[]}
  /** Whoever knows callers does not answer. */
  | {readonly kind: 'authentication-unavailable'}
  | {readonly kind: 'forbidden'}
  | {readonly kind: 'too-many-requests'; readonly retrySeconds: number}
  | {readonly kind: 'no-leader'}
  | {readonly kind: 'recovering'}
  | {readonly kind: 'too-busy'; readonly most: number}
  | {readonly kind: 'leader-unreachable'; readonly message: string}
  | {readonly kind: 'no-content-type'; readonly wanted: string}
  | {readonly kind: 'wrong-content-type'; readonly wanted: string}
  | {readonly kind: 'empty-body'}
  | {readonly kind: 'not-json'; readonly message: string}
  | {readonly kind: 'too-much'; readonly status: 413 | 414; readonly tooMuch: TooMuch}
  | {readonly kind: 'broken-body'; readonly status: number; readonly message: string}
  | {readonly kind: 'failed'};

/** A text is sent as text, everything else as JSON. */
export type Answer = {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
};
