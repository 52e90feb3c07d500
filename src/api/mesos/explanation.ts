import {double, list, message, optional, required, text, uint64, type Wire} from './v1/schema.ts';

// The answer of GET /allocator/explain, as far as a client shows it. Times in seconds since the epoch.

const example = message({
  framework_id: required(1, text),
  framework_name: required(2, text),
  role: required(3, text),
  agent_id: required(4, text),
  hostname: optional(5, text),
  text: required(6, text),
});
const reason = message({reason: required(1, text), pairs: required(2, uint64), examples: list(3, example)});
const run = message({time: required(1, double), cause: required(2, text), hand_outs: required(3, uint64)});
/** After a failover: offers wait for so many agents to be registered, at most until then. */
const heldOff = message({agents: required(1, uint64), registered: required(2, uint64), until: required(3, double)});
const shares = message({before_run: required(1, double), after_run: required(2, double), now: required(3, double)});
const side = message({path: required(1, text), share: required(2, double), hand_outs: required(3, uint64)});
const ahead = message({
  framework_name: required(1, text),
  role: required(2, text),
  between: required(3, text),
  theirs: required(4, side),
  ours: required(5, side),
});
const standing = message({
  framework_id: required(1, text),
  framework_name: required(2, text),
  role: required(3, text),
  weight: required(4, double),
  role_shares: required(5, shares),
  framework_shares: required(6, shares),
  position: optional(7, uint64),
  ahead: list(8, ahead),
});

export const explanationSchema = message({
  time: required(1, double),
  last_look: optional(2, double),
  last_run: optional(3, run),
  agents: required(4, uint64),
  clients: required(5, uint64),
  judged: required(6, uint64),
  reasons: list(7, reason),
  standings: list(8, standing),
  held_off: optional(9, heldOff),
});
/** Why frameworks got no offers: counts of pairs of client (framework and role) and agent by reason, with examples. */
export type ExplanationMessage = Wire<typeof explanationSchema>;

/** What a master answers, with 404, that does not know what was asked about. */
export const unknownSchema = message({
  error: required(1, text),
  known: list(2, text),
  known_count: required(3, uint64),
});
export type UnknownMessage = Wire<typeof unknownSchema>;
