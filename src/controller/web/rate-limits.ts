import {Type} from 'typebox';
import {Value} from 'typebox/value';
import type {Clock} from '../../lib/clock.ts';
import {jsonOf} from '../../lib/json-text.ts';
import {err, ok, type Result} from '../../lib/result.ts';

type Rate = {
  /** Requests a second, in the long run; undefined: no limit. */
  readonly qps: number | undefined;
  /** So many may wait for their turn; undefined: any number. */
  readonly capacity: number | undefined;
};

/** `others` undefined: principals that are not named have no limit. */
export type RateLimits = {
  readonly limits: ReadonlyMap<string, Rate>;
  readonly others: Rate | undefined;
  readonly text: string;
};

const QPS = Type.Optional(Type.Number({exclusiveMinimum: 0}));
const CAPACITY = Type.Optional(Type.Integer({minimum: 0}));
const FILE = Type.Object({
  limits: Type.Optional(Type.Array(Type.Object({principal: Type.String(), qps: QPS, capacity: CAPACITY}))),
  aggregate_default_qps: QPS,
  aggregate_default_capacity: CAPACITY,
});

/** Rate limits as Mesos has them. */
export function parseRateLimits(text: string): Result<RateLimits, string> {
  const json = jsonOf(text);
  if (!Value.Check(FILE, json))
    return err(
      'want {"limits": [{"principal", "qps", "capacity"}], "aggregate_default_qps", "aggregate_default_capacity"}',
    );
  const {limits = [], aggregate_default_qps: qps, aggregate_default_capacity: capacity} = json;
  const rates = new Map(limits.map(({principal, ...rate}) => [principal, {qps: rate.qps, capacity: rate.capacity}]));
  if (rates.size < limits.length) return err('a principal is there twice');
  return ok({limits: rates, others: qps === undefined ? undefined : {qps, capacity}, text: JSON.stringify(json)});
}

/** When the next request of a principal may be handled, and how many wait. */
type Line = {freeMs: number; waiting: number};

/** Lets requests of a principal pass in the order in which they came, no faster than its rate. */
export class Turnstile {
  readonly #limits: RateLimits;
  readonly #clock: Clock;
  /** Those that have a limit of their own; all others share the one under ''. */
  readonly #lines = new Map<string, Line>();

  constructor(limits: RateLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Resolves with `ok` when it is the request's turn. @returns an error at once when too many wait: seconds to wait */
  async pass(principal: string | undefined): Promise<Result<void, number>> {
    const own = principal === undefined ? undefined : this.#limits.limits.get(principal);
    const {qps, capacity} = own ?? this.#limits.others ?? {};
    if (qps === undefined) return ok(undefined);
    const line = this.#lineOf(own === undefined ? '' : (principal ?? ''));
    const nowMs = this.#clock.monotonic();
    const atMs = Math.max(nowMs, line.freeMs);
    if (atMs > nowMs && capacity !== undefined && line.waiting >= capacity)
      return err(Math.ceil((atMs - nowMs) / 1000));
    line.freeMs = atMs + 1000 / qps;
    if (atMs > nowMs) {
      line.waiting++;
      await new Promise<void>(resolve => void this.#clock.after(atMs - nowMs, resolve));
      line.waiting--;
    }
    return ok(undefined);
  }

  #lineOf(key: string): Line {
    const known = this.#lines.get(key) ?? {freeMs: 0, waiting: 0};
    this.#lines.set(key, known);
    return known;
  }
}
