import test from 'ava';
import {taskPolicyText} from '../../src/clients/task-policy-text.ts';

test('each rule is a line: its value, and who says so', t => {
  const rules = [
    {rule: 'images', value: 'a, b', from: 'MesosRole of web'},
    {rule: 'secrets', value: '', from: '--allowed_secrets'},
  ];
  t.deepEqual(taskPolicyText({role: 'web', rules}), [
    'Tasks of role web may do this:',
    '  images   a, b  (MesosRole of web)',
    '  secrets  none  (--allowed_secrets)',
  ]);
});
