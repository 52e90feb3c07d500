import {flag, flagTypes, operand, required, unset} from '../lib/flags.ts';

/** What a simulation is told. */
export const SIMULATE_FLAGS = {
  file: operand(required(flagTypes.text, 'A workload in YAML or JSON.')),
  snapshot: unset(
    flagTypes.text,
    'Begin with the agents, tasks and roles of a live cluster: the address of its master, or a file with its GET /state.',
  ),
  seed: unset(flagTypes.count(0), 'Instead of the one in the workload.'),
  html: unset(flagTypes.text, 'Write a page with charts to this file.'),
  json: unset(flagTypes.text, 'Write everything that was measured to this file.'),
  journal: unset(flagTypes.text, 'Write a journal of the allocator to this file, for mesos replay.'),
  samples: flag(flagTypes.count(2, 100_000), 400, 'Points in time to measure.'),
};
