import test from 'ava';
import {duplicateFields} from '../../../src/standalone/apiserver/schema/duplicates.ts';

const rows: Record<string, {text: string; want: string[]}> = {
  'no repeats': {text: '{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}', want: []},
  'a repeat at the top': {text: '{"a": 1, "a": 2, "a": 3}', want: ['a']},
  'a repeat below': {text: '{"spec": {"cmd": "x", "cmd": "y"}}', want: ['spec.cmd']},
  'a repeat in a list': {text: '{"l": [1, {"b": [], "c": "\\"", "b": {}}]}', want: ['l[1].b']},
  'keys are compared by meaning': {text: '{"a": 1, "\\u0061": 2}', want: ['a']},
  'braces in text are text': {text: '{"a": "{\\"a\\":1,", "b": "a"}', want: []},
};
for (const [title, {text, want}] of Object.entries(rows)) {
  test(title, t => {
    t.deepEqual(duplicateFields(text), want);
  });
}
