import {flag, flagTypes, unset} from '../lib/flags.ts';

/** What is asked of a master. */
export const EXPLAIN_FLAGS = {
  master: flag(
    flagTypes.text,
    'http://127.0.0.1:5050',
    'URL of a master; one that does not lead sends on to the leader.',
  ),
  framework: unset(flagTypes.text, 'Id or name of a framework; unset: all.'),
  role: unset(flagTypes.text, 'A role, and the roles below it; unset: all.'),
  agent: unset(flagTypes.text, 'Id, name or host name of an agent; unset: all.'),
  policy: flag(flagTypes.boolean, false, 'Say what tasks of --role may do instead, and who says so.'),
  json: flag(flagTypes.boolean, false, 'Print what the master answers, as JSON.'),
};
