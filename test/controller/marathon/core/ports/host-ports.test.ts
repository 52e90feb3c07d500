import test from 'ava';
import {chooseHostPorts} from '../../../../../src/controller/marathon/core/ports/host-ports.ts';
import type {PortSpec} from '../../../../../src/controller/marathon/core/ports/port-specs.ts';

const port = (hostPort: PortSpec['hostPort'], protocol: PortSpec['protocol'] = 'tcp'): PortSpec => ({
  protocol,
  labels: {},
  servicePort: 0,
  hostPort,
});
const offered = [
  {begin: 31000, end: 31002},
  {begin: 31010, end: 31011},
];
// 31000 31001 31002 31010 31011: a random start of 0.5 is the third of five
const rows = {
  'consecutive numbers from the start': {want: [31002, 31010], ports: [port('any'), port('any')]},
  'around the end': {want: [31002, 31010, 31011, 31000], ports: Array.from({length: 4}, () => port('any'))},
  'an exact port is passed over': {want: [31002, 31010], ports: [port(31002), port('any')]},
  'an exact port that is not offered': {want: undefined, ports: [port(31005)]},
  'exactly as many as there are': {
    want: [31002, 31010, 31011, 31000, 31001],
    ports: Array.from({length: 5}, () => port('any')),
  },
  'exactly as many as there are beside an exact one': {
    want: [31002, 31010, 31011, 31000, 31001],
    ports: [port(31002), ...Array.from({length: 4}, () => port('any'))],
  },
  'more than there are beside an exact one': {
    want: undefined,
    ports: [port(31002), ...Array.from({length: 5}, () => port('any'))],
  },
  'more than there are': {want: undefined, ports: Array.from({length: 6}, () => port('any'))},
  'none on the host': {want: [undefined, 31002], ports: [port('none'), port('any')]},
  'the service port, when it is offered': {want: [31011], ports: [port('service')]},
  'one port for two protocols': {want: [31000, 31000], ports: [port(31000), port(31000, 'udp')]},
  'one port for two that share a protocol': {
    want: undefined,
    ports: [port(31000), port(31000, 'udp,tcp')],
  },
  'one port for two': {want: undefined, ports: [port(31000), port(31000)]},
  'no ports at all': {want: [], ports: []},
};
for (const [title, {ports, want}] of Object.entries(rows)) {
  test(title, t => {
    t.deepEqual(
      chooseHostPorts(ports, [31011], offered, () => 0.5),
      want,
    );
  });
}
