import test from 'ava';
import {dnsConfigOf, dockerWishes, type DockerWishes} from '../../../../src/controller/mesos/pods/docker-parameters.ts';

const wishesOf = (...pairs: readonly (readonly [string, string])[]): DockerWishes =>
  dockerWishes(pairs.map(([key, value]) => ({key, value})));

const sizes: Record<string, number | undefined> = {
  '0': 0,
  '512': 512,
  '512b': 512,
  '64k': 65_536,
  '64K': 65_536,
  '64kb': 65_536,
  '3m': 3_145_728,
  '3MB': 3_145_728,
  '2g': 2_147_483_648,
  '2t': undefined,
  '1.5m': undefined,
  m: undefined,
  '': undefined,
};
for (const [text, want] of Object.entries(sizes)) {
  test(`shm-size '${text}' is ${want ?? 'no number of'} bytes`, t => {
    const {shmBytes, ignored} = wishesOf(['shm-size', text]);
    t.is(shmBytes, want);
    t.deepEqual(ignored, want === undefined ? ['container.docker.parameters[shm-size]'] : []);
  });
}

const none = {nameservers: [], searches: [], options: []};
const dnsRows: Record<string, {dns: DockerWishes['dns']; want: ReturnType<typeof dnsConfigOf>}> = {
  'without DNS options the pod keeps the cluster DNS': {dns: none, want: undefined},
  'a nameserver alone': {dns: {...none, nameservers: ['1.1.1.1']}, want: {nameservers: ['1.1.1.1']}},
  'a search domain alone': {dns: {...none, searches: ['a.b']}, want: {searches: ['a.b']}},
  'an option with a value': {dns: {...none, options: ['ndots:5']}, want: {options: [{name: 'ndots', value: '5'}]}},
  'an option without a value': {dns: {...none, options: ['rotate']}, want: {options: [{name: 'rotate'}]}},
  'an option with an empty value': {dns: {...none, options: ['rotate:']}, want: {options: [{name: 'rotate'}]}},
};
for (const [title, {dns, want}] of Object.entries(dnsRows)) {
  test(title, t => {
    t.deepEqual(dnsConfigOf(dns), want);
  });
}

const taken: Record<string, {option: readonly [string, string]; want: Partial<DockerWishes>}> = {
  'a host with its address': {
    option: ['add-host', 'db:10.0.0.1'],
    want: {hostAliases: [{ip: '10.0.0.1', hostnames: ['db']}]},
  },
  'a host with an IPv6 address': {
    option: ['add-host', 'db:fd00::1'],
    want: {hostAliases: [{ip: 'fd00::1', hostnames: ['db']}]},
  },
  'a variable whose value has an equals sign': {option: ['env', 'A=b=c'], want: {env: new Map([['A', 'b=c']])}},
  'a variable without a value': {option: ['e', 'A'], want: {env: new Map([['A', '']])}},
  'an option with dashes': {option: ['--env', 'A=b'], want: {env: new Map([['A', 'b']])}},
  'a short option with a dash': {option: ['-w', '/srv'], want: {workingDir: '/srv'}},
  'the short name of hostname': {option: ['h', 'db'], want: {hostname: 'db'}},
  'the short name of label': {option: ['l', 'a=b'], want: {labels: new Map([['a', 'b']])}},
  'a user': {option: ['u', '5'], want: {user: 5}},
  'a user and a group': {option: ['user', '5:6'], want: {user: 5, group: 6}},
  'root and a group': {option: ['user', '0:7'], want: {user: 0, group: 7}},
  'the name root': {option: ['user', 'root'], want: {user: 0}},
  'a further group': {option: ['group-add', '12'], want: {groups: [12]}},
  privileged: {option: ['privileged', 'true'], want: {privileged: true}},
  'privileged without a value': {option: ['privileged', ''], want: {privileged: true}},
  'privileged: false asks for nothing': {option: ['privileged', 'false'], want: {}},
  'read-only': {option: ['read-only', 'true'], want: {readOnlyRoot: true}},
  'read-only: false asks for nothing': {option: ['read-only', 'false'], want: {}},
  'no new privileges': {option: ['security-opt', 'no-new-privileges'], want: {noNewPrivileges: true}},
  'no new privileges: true': {option: ['security-opt', 'no-new-privileges:true'], want: {noNewPrivileges: true}},
  'no new privileges = true': {option: ['security-opt', 'no-new-privileges=true'], want: {noNewPrivileges: true}},
  'a sysctl': {option: ['sysctl', 'net.a=1'], want: {sysctls: [{name: 'net.a', value: '1'}]}},
  'a tmpfs with options': {option: ['tmpfs', '/run:size=1m'], want: {tmpfs: ['/run']}},
  'a volume to write to': {
    option: ['v', '/a:/b'],
    want: {volumes: [{hostPath: '/a', containerPath: '/b', readOnly: false}]},
  },
  'a volume to read from': {
    option: ['volume', '/a:/b:z,ro'],
    want: {volumes: [{hostPath: '/a', containerPath: '/b', readOnly: true}]},
  },
  'capabilities to add': {option: ['cap-add', 'KILL'], want: {capabilities: {add: ['KILL'], drop: []}}},
  'capabilities to drop': {option: ['cap-drop', 'KILL'], want: {capabilities: {add: [], drop: ['KILL']}}},
  'a nameserver': {option: ['dns', '1.1.1.1'], want: {dns: {...none, nameservers: ['1.1.1.1']}}},
  'a search domain': {option: ['dns-search', 'a.b'], want: {dns: {...none, searches: ['a.b']}}},
  'an option of DNS': {option: ['dns-option', 'ndots:5'], want: {dns: {...none, options: ['ndots:5']}}},
  'an entry point': {option: ['entrypoint', '/run.sh'], want: {entrypoint: '/run.sh'}},
};
for (const [title, {option, want}] of Object.entries(taken)) {
  test(`taken: ${title}`, t => {
    const {group, ...wishes} = wishesOf(option);
    t.deepEqual({...wishes, ...(group !== undefined && {group})}, {...wishesOf(), ...want});
  });
}

const dns = (...options: readonly [string, string][]) =>
  dnsConfigOf(dockerWishes(options.map(([key, value]) => ({key, value}))).dns);
test('DNS as a pod has it', t => {
  t.is(dns(), undefined);
  t.deepEqual(dns(['dns-option', 'rotate']), {options: [{name: 'rotate'}]});
  t.deepEqual(dns(['dns', '1.1.1.1'], ['dns-option', 'ndots:5']), {
    nameservers: ['1.1.1.1'],
    options: [{name: 'ndots', value: '5'}],
  });
  t.deepEqual(dns(['dns-search', 'a.b']), {searches: ['a.b']});
});

const ignored: Record<string, readonly [string, string]> = {
  'an option that nobody knows': ['gpus', 'all'],
  'a host without an address': ['add-host', 'db'],
  'a group by name': ['group-add', 'staff'],
  'a user by name': ['user', 'bob'],
  'a group of a user by name': ['user', '5:staff'],
  'no user at all': ['user', ''],
  'privileges may be new': ['security-opt', 'no-new-privileges:false'],
  'another security option': ['security-opt', 'x-no-new-privileges'],
  'a volume by name': ['volume', 'data:/b'],
  'a volume without a path in the container': ['volume', '/a'],
};
for (const [title, [key, value]] of Object.entries(ignored)) {
  test(`ignored: ${title}`, t => {
    t.deepEqual(wishesOf([key, value]), {...wishesOf(), ignored: [`container.docker.parameters[${key}]`]});
  });
}
