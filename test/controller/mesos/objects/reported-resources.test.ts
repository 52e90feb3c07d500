import test from 'ava';
import {formatResources} from '../../../../src/allocator/text-form.ts';
import {
  oversubscribedResources,
  reportedResources,
} from '../../../../src/controller/mesos/objects/reported-resources.ts';

const rows = {
  'the text form': {text: 'cpus:2;cpus(prod):1', want: 'cpus(prod):1;cpus:2'},
  'a JSON list': {
    text: '[{"name":"cpus","type":"SCALAR","scalar":{"value":2}},{"name":"cpus","type":"SCALAR","scalar":{"value":1},"revocable":{}}]',
    want: 'cpus:1;cpus:2',
  },
  'a static reservation in JSON': {
    text: '[{"name":"cpus","type":"SCALAR","scalar":{"value":1},"reservations":[{"type":"STATIC","role":"prod"}]}]',
    want: 'cpus(prod):1',
  },
  'a dynamic one is not the agent’s to make': {
    text: '[{"name":"cpus","type":"SCALAR","scalar":{"value":1},"reservations":[{"type":"DYNAMIC","role":"prod"}]}]',
    want: "resources: dynamic reservations and volumes are not the agent's to make: cpus",
  },
  'no JSON': {text: '[', want: 'resources: '},
};
for (const [title, {text, want}] of Object.entries(rows)) {
  test(title, t => {
    const read = reportedResources(text);
    const got = read.ok ? formatResources(read.value).split(';').sort().join(';') : read.error;
    t.true(got.startsWith(want), got);
  });
}

test('what is revocable stays apart', t => {
  const read = reportedResources(rows['a JSON list'].text);
  t.is(read.ok && read.value.filter(({revocable}) => revocable === true).scalar('cpus'), 1);
});

const estimates = {
  'an estimate': {text: 'cpus:2;mem:512', want: 'cpus:2;mem:512'},
  none: {text: '', want: ''},
  'of ports': {text: 'ports:[1-2]', want: 'oversubscribed: want scalars without a role, as in cpus:2, got ports'},
  'for a role': {text: 'cpus(web):2', want: 'oversubscribed: want scalars without a role, as in cpus:2, got cpus'},
  'no number': {text: 'cpus:', want: 'oversubscribed: '},
};
for (const [title, {text, want}] of Object.entries(estimates)) {
  test(`oversubscribed: ${title}`, t => {
    const read = oversubscribedResources(text);
    const got = read.ok ? formatResources(read.value) : read.error;
    t.true(want === '' ? got === '' : got.startsWith(want), got);
    t.true(!read.ok || read.value.list().every(({revocable}) => revocable === true));
  });
}
