import test from 'ava';
import {agentResources, sharePorts} from '../../../src/executor-shim/agent/agent-resources.ts';

const machine = {cpus: 8, memMb: 16384, diskFreeMb: 102400};
const small = {cpus: 1, memMb: 1024, diskFreeMb: 8192};

const rows = {
  'all but 1 GB and 5 GB': {given: '', on: machine, want: 'cpus:8;mem:15360;disk:97280;ports:[31000-32000]'},
  'half of a small machine': {given: '', on: small, want: 'cpus:1;mem:512;disk:4096;ports:[31000-32000]'},
  'what is named stays': {given: 'cpus:2; ports:[1-2]', on: small, want: 'cpus:2;ports:[1-2];mem:512;disk:4096'},
  'roles stay': {
    given: 'cpus(web):2;cpus:1;mem:10;disk:0',
    on: small,
    want: 'cpus(web):2;cpus:1;mem:10;disk:0;ports:[31000-32000]',
  },
  'other names stay': {given: 'gpus:1', on: small, want: 'gpus:1;cpus:1;mem:512;disk:4096;ports:[31000-32000]'},
};
for (const [title, {given, on, want}] of Object.entries(rows)) {
  test(title, t => {
    const result = agentResources(given, on);
    t.is(result.ok ? result.value.text : result.error, want);
  });
}

test('the scalars of all roles count', t => {
  const result = agentResources('cpus(web):2;cpus:1.5;mem:10;disk:0', small);
  t.like(result, {ok: true, value: {cpus: 3.5, memMb: 10, diskMb: 0}});
});

test('a JSON list is passed on, with what it does not name', t => {
  const revocable = {name: 'cpus', type: 'SCALAR', scalar: {value: 1}, revocable: {}};
  const cpus = {name: 'cpus', type: 'SCALAR', scalar: {value: 2}};
  const result = agentResources(JSON.stringify([cpus, revocable]), small);
  t.deepEqual(result.ok && JSON.parse(result.value.text), [
    cpus,
    revocable,
    {name: 'mem', type: 'SCALAR', scalar: {value: 512}},
    {name: 'disk', type: 'SCALAR', scalar: {value: 4096}},
    {name: 'ports', type: 'RANGES', ranges: {range: [{begin: 31000, end: 32000}]}},
  ]);
  t.like(result, {ok: true, value: {cpus: 2, memMb: 512}});
});

const wrong = {
  'no colon': {given: 'cpus=4', want: 'want <name>:<value>, got "cpus=4"'},
  'no number': {given: 'cpus:four', want: 'want a number for cpus, got "four"'},
  negative: {given: 'mem:-1', want: 'want a number for mem, got "-1"'},
};
for (const [title, {given, want}] of Object.entries(wrong)) {
  test(`refused: ${title}`, t => {
    t.deepEqual(agentResources(given, small), {ok: false, error: want});
  });
}

test('agents of one machine share its ports without overlap', t => {
  const parts = [0, 1, 2].map(index => sharePorts({begin: 31000, end: 32000}, index, 3));
  // 1001 ports: 333 each, the last two unused.
  t.deepEqual(parts, [
    {begin: 31000, end: 31332},
    {begin: 31333, end: 31665},
    {begin: 31666, end: 31998},
  ]);
});
