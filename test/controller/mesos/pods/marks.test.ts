import test from 'ava';
import {isPodLabel} from '../../../../src/controller/mesos/pods/marks.ts';

const PREFIX_253 = ['a'.repeat(63), 'b'.repeat(63), 'c'.repeat(63), 'd'.repeat(61)].join('.');
const keys: Readonly<Record<string, boolean>> = {
  'example.com/team': true,
  [`${PREFIX_253}/team`]: true,
  [`${PREFIX_253}x/team`]: false, // 254 characters
  'example.com/team/more': false,
  'Example.com/team': false,
  'example.com/-team': false,
  'example.com/': false,
  'mesos.dev/team': false,
  'app.kubernetes.io/name': false,
};
for (const [key, want] of Object.entries(keys)) {
  test(`a label ${key} ${want ? 'goes' : 'does not go'} to the pod`, t => {
    t.is(isPodLabel(key, 'x'), want);
  });
}
