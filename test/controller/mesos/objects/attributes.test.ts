import test from 'ava';
import {parseAttributes} from '../../../../src/controller/mesos/objects/attributes.ts';

const rows = {
  'a word is text': {text: 'rack:r1', want: [{name: 'rack', type: 'TEXT', text: {value: 'r1'}}]},
  'a number is a scalar': {text: 'level:1.5', want: [{name: 'level', type: 'SCALAR', scalar: {value: 1.5}}]},
  'brackets are ranges': {
    text: 'ports:[1-2, 5-9]',
    want: [
      {
        name: 'ports',
        type: 'RANGES',
        ranges: {
          range: [
            {begin: 1, end: 2},
            {begin: 5, end: 9},
          ],
        },
      },
    ],
  },
  'braces are a set': {text: 'tags:{a,b}', want: [{name: 'tags', type: 'SET', set: {item: ['a', 'b']}}]},
  'a version is text': {text: 'v:1.2.3', want: [{name: 'v', type: 'TEXT', text: {value: '1.2.3'}}]},
  'a value may hold colons': {text: 'url:http://x', want: [{name: 'url', type: 'TEXT', text: {value: 'http://x'}}]},
  'nothing at all': {text: '', want: []},
};
for (const [title, {text, want}] of Object.entries(rows)) {
  test(title, t => {
    const parsed = parseAttributes(text);
    t.deepEqual(parsed.ok ? parsed.value : parsed.error, want as never);
  });
}

const wrong = {
  'no value': {text: 'rack:', want: 'want NAME:VALUE, got "rack:"'},
  'no name': {text: ':r1', want: 'want NAME:VALUE, got ":r1"'},
  'a range that goes back': {text: 'ports:[9-5]', want: 'want ranges like [1-2,5-9], got "ports:[9-5]"'},
  'a set without an end': {text: 'tags:{a', want: 'want a set like {a,b}, got "tags:{a"'},
};
for (const [title, {text, want}] of Object.entries(wrong)) {
  test(`refuses ${title}`, t => {
    const parsed = parseAttributes(text);
    t.is(parsed.ok ? '' : parsed.error, want);
  });
}
