import test from 'ava';
import type {TaskInfo} from '../../../../src/api/mesos/v1/common.ts';
import type {TaskPolicy} from '../../../../src/crds/task-policy.ts';
import {dockerWishes} from '../../../../src/controller/mesos/pods/docker-parameters.ts';
import {networkOf, type PodNetwork} from '../../../../src/controller/mesos/pods/network.ts';
import {INFO, OPEN} from './fixtures.ts';

const resultOf = (rest: Partial<TaskInfo>, policy: Partial<TaskPolicy> = {}, hostname?: string) =>
  networkOf({...INFO, ...rest}, dockerWishes(hostname === undefined ? [] : [{key: 'hostname', value: hostname}]), {
    ...OPEN,
    ...policy,
  });

const ports = (...ranges: readonly (readonly [number, number])[]): NonNullable<TaskInfo['resources']> => [
  {name: 'ports', type: 'RANGES', ranges: {range: ranges.map(([begin, end]) => ({begin, end}))}},
];
const docker = (more: object): TaskInfo['container'] => ({type: 'DOCKER', docker: {image: 'nginx', ...more}});
const bridge = (...port_mappings: readonly {host_port: number; container_port: number; protocol?: string}[]) =>
  docker({network: 'BRIDGE', port_mappings});
const tcp = (containerPort: number, hostPort = containerPort) => ({containerPort, hostPort, protocol: 'TCP' as const});
const HOST = {hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet'} as const;
const LEFT_OUT = 'the host network, as the task has no host ports';

type Row = {info: Partial<TaskInfo>; policy?: Partial<TaskPolicy>; hostname?: string; want: PodNetwork};
const rows: Record<string, Row> = {
  'a task without a container is on the host network': {info: {}, want: {spec: HOST, ports: [], ignored: []}},
  'a Docker container that names no network is on the host network': {
    info: {container: docker({})},
    want: {spec: HOST, ports: [], ignored: []},
  },
  'a container of Mesos without a named network is on the host network': {
    info: {container: {type: 'MESOS', network_infos: [{}, {name: ''}]}},
    want: {spec: HOST, ports: [], ignored: []},
  },
  'both ends of a range of ports are listed': {
    info: {resources: ports([31000, 31001], [31005, 31005])},
    want: {spec: HOST, ports: [tcp(31000), tcp(31001), tcp(31005)], ignored: []},
  },
  'ranges of other resources are no ports': {
    info: {resources: ports([1, 2]).map(resource => ({...resource, name: 'other'}))},
    want: {spec: HOST, ports: [], ignored: []},
  },
  'a hostname is left out on the host network': {
    info: {},
    hostname: 'db',
    want: {spec: HOST, ports: [], ignored: ['container.hostname']},
  },
  'a task without a container may have its own network, and nobody is told': {
    info: {},
    policy: {hostNetwork: 'with-ports'},
    want: {spec: {}, ports: [], ignored: []},
  },
  'a container without ports may have its own network, and that is told': {
    info: {container: docker({network: 'HOST'})},
    policy: {hostNetwork: 'with-ports'},
    want: {spec: {}, ports: [], ignored: [LEFT_OUT]},
  },
  'a task without ports has its own network where the host network is never': {
    info: {},
    policy: {hostNetwork: 'never'},
    want: {spec: {}, ports: [], ignored: []},
  },
  'a container with ports has the host network': {
    info: {resources: ports([31000, 31000])},
    policy: {hostNetwork: 'with-ports'},
    want: {spec: HOST, ports: [tcp(31000)], ignored: []},
  },
  'a bridged container has its own network with its ports mapped': {
    info: {container: bridge({host_port: 31000, container_port: 80})},
    want: {spec: {}, ports: [tcp(80, 31000)], ignored: []},
  },
  'a mapping to port 0 is to the port of the host': {
    info: {container: bridge({host_port: 31000, container_port: 0})},
    want: {spec: {}, ports: [tcp(31000)], ignored: []},
  },
  'a mapping may be of UDP only': {
    info: {container: bridge({host_port: 31000, container_port: 53, protocol: 'UDP'})},
    want: {spec: {}, ports: [{...tcp(53, 31000), protocol: 'UDP'}], ignored: []},
  },
  'a mapping may be of both protocols': {
    info: {container: bridge({host_port: 31000, container_port: 53, protocol: 'udp,tcp'})},
    want: {spec: {}, ports: [tcp(53, 31000), {...tcp(53, 31000), protocol: 'UDP'}], ignored: []},
  },
  'a mapping of an unknown protocol is of TCP': {
    info: {container: bridge({host_port: 31000, container_port: 53, protocol: 'sctp'})},
    want: {spec: {}, ports: [tcp(53, 31000)], ignored: []},
  },
  'two mappings of one port in the container are both kept': {
    info: {container: bridge({host_port: 31000, container_port: 80}, {host_port: 31001, container_port: 80})},
    want: {spec: {}, ports: [tcp(80, 31000), tcp(80, 31001)], ignored: []},
  },
  'a named network is the own network, and its name is left out': {
    info: {container: {type: 'MESOS', network_infos: [{name: 'overlay'}]}},
    want: {spec: {}, ports: [], ignored: ['container.network_infos.name']},
  },
  'a pod of its own network has its hostname': {
    info: {container: {...bridge(), type: 'DOCKER', hostname: 'db'}},
    want: {spec: {hostname: 'db'}, ports: [], ignored: []},
  },
  'the option wins over the hostname of the container': {
    info: {container: {...bridge(), type: 'DOCKER', hostname: 'db'}},
    hostname: 'web',
    want: {spec: {hostname: 'web'}, ports: [], ignored: []},
  },
  'a hostname that Kubernetes does not take is left out': {
    info: {container: bridge()},
    hostname: 'db.local',
    want: {spec: {}, ports: [], ignored: ['container.hostname']},
  },
};
for (const [title, {info, policy, hostname, want}] of Object.entries(rows)) {
  test(title, t => {
    t.deepEqual(resultOf(info, policy, hostname), {ok: true, value: want});
  });
}

const lengths = {
  'a hostname of 63 letters is taken': [63, true],
  'a hostname of 64 letters is not': [64, false],
} as const;
for (const [title, [length, isTaken]] of Object.entries(lengths)) {
  test(title, t => {
    const name = 'a'.repeat(length);
    const network = resultOf({container: bridge()}, {}, name);
    t.is(network.ok && network.value.spec.hostname, isTaken ? name : undefined);
  });
}

const counts = {
  'a hundred ports are listed one by one': [ports([31000, 31099]), 31099],
  'more than a hundred ports are listed up to the hundredth': [ports([31000, 31049], [31100, 31200]), 31149],
} as const;
for (const [title, [resources, last]] of Object.entries(counts)) {
  test(title, t => {
    const network = resultOf({resources});
    t.deepEqual(network.ok && [network.value.ports.length, network.value.ports.at(-1)], [100, tcp(last)]);
  });
}

const refusals: Record<string, {info: Partial<TaskInfo>; policy: Partial<TaskPolicy>; want: RegExp}> = {
  'a container without a network is refused': {
    info: {container: docker({network: 'NONE'})},
    policy: {},
    want: /^a container without a network is not supported$/,
  },
  'ports of the host are refused where the policy has none': {
    info: {resources: ports([31000, 31000])},
    policy: {hostPorts: false},
    want: /^host ports are not allowed by the rule hostPorts/,
  },
  'mapped ports are refused where the policy has none': {
    info: {container: bridge({host_port: 31000, container_port: 80})},
    policy: {hostPorts: false},
    want: /^host ports are not allowed by the rule hostPorts/,
  },
  'ports on the host network are refused where the host network is never': {
    info: {resources: ports([31000, 31000])},
    policy: {hostNetwork: 'never'},
    want: /^the host network is not allowed by the rule hostNetwork/,
  },
};
for (const [title, {info, policy, want}] of Object.entries(refusals)) {
  test(title, t => {
    const network = resultOf(info, policy);
    t.regex(network.ok ? 'a pod' : network.error, want);
  });
}

test('mapped ports are allowed where the host network is never', t => {
  t.true(resultOf({container: bridge({host_port: 31000, container_port: 80})}, {hostNetwork: 'never'}).ok);
});
