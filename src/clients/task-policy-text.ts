import type {TaskPolicyAnswer} from '../api/mesos/task-policy-answer.ts';

/** What tasks of a role may do, for a terminal: a rule a line. */
export function taskPolicyText({role, rules = []}: TaskPolicyAnswer): string[] {
  const width = Math.max(0, ...rules.map(({rule}) => rule.length));
  return [
    `Tasks of role ${role} may do this:`,
    ...rules.map(({rule, value, from}) => `  ${rule.padEnd(width)}  ${value === '' ? 'none' : value}  (${from})`),
  ];
}
