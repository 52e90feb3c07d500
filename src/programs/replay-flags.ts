import {flag, flagTypes, operand, required, unset} from '../lib/flags.ts';

/** What a replay is told. */
export const REPLAY_FLAGS = {
  file: operand(
    required(flagTypes.text, 'A journal: a file, or - for standard input (GET /allocator/journal of a master).'),
  ),
  until: unset(flagTypes.text, 'Stop there: a time as in 2026-11-22T10:00:00Z, or since the beginning as in 90secs.'),
  decisions: flag(flagTypes.boolean, false, 'Print what each run handed out.'),
  policy: unset(
    flagTypes.text,
    'Compare with what another policy would have decided run by run: a YAML file, or YAML in braces as in {weights: {dev: 3}}.',
  ),
  explain: flag(flagTypes.boolean, false, 'At the end, say why frameworks have no offers.'),
  role: unset(flagTypes.text, 'Explain for this role, and those below it.'),
  framework: unset(flagTypes.text, 'Explain for this framework id.'),
  agent: unset(flagTypes.text, 'Explain for this agent id.'),
};
