import {list, message, required, text, type Wire} from './v1/schema.ts';

/** The answer of GET /task-policy: each rule of what tasks of a role may do, its value, and who said so. */
export const taskPolicySchema = message({
  role: required(1, text),
  rules: list(
    2,
    message({
      rule: required(1, text),
      /** Lists with commas. */
      value: required(2, text),
      /** A flag of the master, or the role whose MesosRole says so. */
      from: required(3, text),
    }),
  ),
});
export type TaskPolicyAnswer = Wire<typeof taskPolicySchema>;
