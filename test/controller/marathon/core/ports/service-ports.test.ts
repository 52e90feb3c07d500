import test from 'ava';
import {assignServicePorts} from '../../../../../src/controller/marathon/core/ports/service-ports.ts';
import {ok} from '../../../../../src/lib/result.ts';

const inUse =
  (ports: ReadonlySet<unknown>) =>
  (port: number): boolean =>
    ports.has(port);

const range = {min: 10, max: 20};
const rows = {
  'a declared port stays': {wanted: [8080], former: [], taken: [], want: [8080]},
  'the lowest free number first': {wanted: [0, 0], former: [], taken: [10], want: [11, 12]},
  'old [10, 11], new [10, 0, 11]': {wanted: [10, 0, 11], former: [10, 11], taken: [], want: [10, 12, 11]},
  'a former port is used again': {wanted: [0], former: [15], taken: [], want: [15]},
  'a former port outside the range is not': {wanted: [0], former: [99], taken: [], want: [10]},
  'a former port may be the last of the range': {wanted: [0], former: [20], taken: [], want: [20]},
  'a former port may be the first of the range': {wanted: [0, 0], former: [11, 10], taken: [], want: [11, 10]},
  'a former port just outside the range is not': {wanted: [0, 0], former: [9, 21], taken: [], want: [10, 11]},
  'a number that is declared now is not assigned as well': {wanted: [0, 15], former: [15], taken: [], want: [10, 15]},
  'what a user declared twice is not refused': {wanted: [12], former: [], taken: [12], want: [12]},
  'no ports, none assigned': {wanted: [], former: [10], taken: [], want: []},
};
for (const [title, {wanted, former, taken, want}] of Object.entries(rows)) {
  test(title, t => {
    t.deepEqual(assignServicePorts(wanted, former, inUse(new Set(taken)), range), ok(want));
  });
}

test('two apps with [0, 2, 0] and [0, 0, 0] get five new ports', t => {
  const first = assignServicePorts([0, 2, 0], [], inUse(new Set()), range);
  if (!first.ok) return t.fail(first.error);
  const second = assignServicePorts([0, 0, 0], [], inUse(new Set(first.value)), range);
  t.deepEqual(second, ok([12, 13, 14]));
  t.deepEqual(first.value, [10, 2, 11]);
});

test('six ports out of five are an error', t => {
  const full = assignServicePorts([0, 0, 0, 0, 0, 0], [], inUse(new Set()), {min: 10, max: 14});
  t.false(full.ok);
});
