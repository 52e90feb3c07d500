import {bool, double, int32, list, message, optional, required, text} from './v1/schema.ts';
import type {Wire} from './v1/schema.ts';

// What `POST /allocator/what-if` answers.

const blocked = message({
  reason: required(1, text),
  agents: required(2, int32),
  text: required(3, text),
  /** Instances that would fit into what others are offered first. */
  instances_that_would_fit: optional(4, int32),
  example: required(5, message({agent_id: required(1, text), hostname: optional(2, text)})),
});

/** Shares are over weights, before and behind the next run. */
const role = message({
  role: required(1, text),
  weight: required(2, double),
  share_before: required(3, double),
  share_after: required(4, double),
  offers: required(5, int32),
});

const outcome = {
  instances: optional(
    1,
    message({
      wanted: required(1, int32),
      running: required(2, int32),
      placed: required(3, int32),
      missing: required(4, int32),
    }),
  ),
  agents: list(2, message({agent_id: required(1, text), hostname: optional(2, text), instances: required(3, int32)})),
  blocked: list(3, blocked),
  roles: list(4, role),
};

const outcomeSchema = message(outcome);
export type WhatIfOutcome = Wire<typeof outcomeSchema>;

export const whatIfSchema = message({
  time: required(5, double),
  ...outcome,
  with_change: optional(6, outcomeSchema),
  /** Nothing is offered before more agents are back, or the hold-off ends; the answer is for then. */
  held_off: optional(7, bool),
});
export type WhatIfAnswer = Wire<typeof whatIfSchema>;
