import {TASK_RULES, type TaskPolicy, type TaskRule} from '../../../crds/task-policy.ts';
import type {TaskPolicyAnswer} from '../../../api/mesos/task-policy-answer.ts';
import {JSONP, sendJson} from '../../web/jsonp.ts';
import {NO_BODY} from '../../web/route.ts';
import {policyOf, speakerOf} from '../core/roles/task-policy.ts';
import {NOT_LEADING, refuse, textOf} from './answers.ts';
import type {MasterRoute} from './master-doors.ts';

/** What tasks of a role may do, and who says so. */
export const TASK_POLICY_ROUTE: MasterRoute = {
  method: 'GET',
  path: '/task-policy',
  does: 'Says what tasks of a role may do, rule by rule, and which flag or MesosRole says so.',
  permission: 'view-whole',
  answeredBy: 'leader-by-redirect',
  body: NO_BODY,
  query: {role: 'The role; * when absent.', ...JSONP},
  handle: (exchange, {core}) => {
    const master = core();
    if (master === undefined) return refuse(exchange.response, NOT_LEADING);
    const role = textOf(exchange.request.query['role']) ?? '*';
    const {taskWishes, options} = master;
    const policy = policyOf(role, taskWishes, options.taskPolicy);
    const rules = Object.keys(TASK_RULES).filter(isRule);
    const answer: TaskPolicyAnswer = {
      role,
      rules: rules.map(rule => ({
        rule,
        value: valueOf(policy, rule),
        from: sourceOf(speakerOf(role, rule, taskWishes), rule),
      })),
    };
    sendJson(exchange, answer);
  },
};

const isRule = (name: string): name is TaskRule => Object.hasOwn(TASK_RULES, name);

const valueOf = (policy: TaskPolicy, rule: TaskRule): string => {
  const value = policy[rule];
  return Array.isArray(value) ? value.join(', ') : String(value);
};

const sourceOf = (speaker: string | undefined, rule: TaskRule): string =>
  speaker === undefined ? `--${TASK_RULES[rule].flag}` : `MesosRole of ${speaker}`;
