import {flag, flagTypes, operand, unset} from '../lib/flags.ts';

/** What is asked of a master. */
export const WHAT_IF_FLAGS = {
  app: operand(unset(flagTypes.text, 'A Marathon app, in JSON or YAML: a file, or - for standard input.')),
  role: unset(flagTypes.text, 'The role that the next three change.'),
  weight: unset(flagTypes.number, 'Its new weight.'),
  guarantees: unset(flagTypes.text, 'Its new guarantees, as in cpus:4;mem:8192; none takes them away.'),
  limits: unset(flagTypes.text, 'Its new limits, likewise.'),
  master: flag(
    flagTypes.text,
    'http://127.0.0.1:5050',
    'URL of a master; one that does not lead sends on to the leader.',
  ),
  json: flag(flagTypes.boolean, false, 'Print what the master answers, as JSON.'),
};
