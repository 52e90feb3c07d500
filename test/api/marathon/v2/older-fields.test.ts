import test from 'ava';
import {translateOlderFields} from '../../../../src/api/marathon/v2/older-fields.ts';

type Json = Record<string, unknown>;

const fetched = (uri: string, extract: boolean): Json => ({uri, extract, executable: false, cache: false});
const docker = (fields: Json): Json => ({type: 'DOCKER', docker: {image: 'nginx', ...fields}});
const image = {type: 'DOCKER', docker: {image: 'nginx'}};

const rows: Record<string, {input: Json; want: Json}> = {
  'uris become fetch, and only archives are extracted': {
    input: {uris: ['http://x/a.tar.gz', 'http://x/b.zip', 'http://x/c.sh', 'http://x/d.tar']},
    want: {
      fetch: [
        fetched('http://x/a.tar.gz', true),
        fetched('http://x/b.zip', true),
        fetched('http://x/c.sh', false),
        fetched('http://x/d.tar', true),
      ],
    },
  },
  'empty uris leave fetch alone': {input: {uris: [], fetch: [{uri: 'x'}]}, want: {fetch: [{uri: 'x'}]}},
  'null is absent': {input: {uris: null, ports: null, ipAddress: null, cmd: 'x'}, want: {cmd: 'x'}},
  'ports become definitions, the first of which is named': {
    input: {ports: [8080, 0]},
    want: {
      portDefinitions: [
        {port: 8080, protocol: 'tcp', name: 'default'},
        {port: 0, protocol: 'tcp'},
      ],
    },
  },
  'no ports': {input: {ports: []}, want: {portDefinitions: []}},
  HOST: {input: {container: docker({network: 'HOST'})}, want: {networks: [{mode: 'host'}], container: image}},
  'HOST ignores mappings': {
    input: {container: docker({network: 'HOST', portMappings: [{containerPort: 80}]})},
    want: {networks: [{mode: 'host'}], container: image},
  },
  BRIDGE: {
    input: {container: docker({network: 'BRIDGE', portMappings: [{containerPort: 80}]})},
    want: {networks: [{mode: 'container/bridge'}], container: {...image, portMappings: [{containerPort: 80}]}},
  },
  'USER with the network of ipAddress': {
    input: {container: docker({network: 'USER'}), ipAddress: {networkName: 'blue', labels: {a: 'b'}}},
    want: {networks: [{mode: 'container', name: 'blue', labels: {a: 'b'}}], container: image},
  },
  'ipAddress alone, with the ports of its discovery': {
    input: {ipAddress: {networkName: 'blue', discovery: {ports: [{number: 80, name: 'http', protocol: 'tcp'}]}}},
    want: {
      networks: [{mode: 'container', name: 'blue', labels: undefined}],
      container: {
        type: 'MESOS',
        portMappings: [{containerPort: 80, name: 'http', protocol: 'tcp', labels: undefined}],
      },
    },
  },
  'ports that say what portDefinitions say': {
    input: {ports: [10102, 0], portDefinitions: [{port: 10102, protocol: 'tcp', labels: {}}, {port: 0}]},
    want: {portDefinitions: [{port: 10102, protocol: 'tcp', labels: {}}, {port: 0}]},
  },
  'uris that say what fetch says': {
    input: {uris: ['http://x/a.zip'], fetch: [fetched('http://x/a.zip', true)]},
    want: {fetch: [fetched('http://x/a.zip', true)]},
  },
  'ports beside the mappings of a bridge are dropped': {
    input: {ports: [0], container: docker({network: 'BRIDGE', portMappings: [{containerPort: 80, servicePort: 9}]})},
    want: {
      networks: [{mode: 'container/bridge'}],
      container: {...image, portMappings: [{containerPort: 80, servicePort: 9}]},
    },
  },
  'ports and portDefinitions beside the mappings of an older bridge are dropped': {
    input: {
      ports: [9],
      portDefinitions: [{port: 9, protocol: 'tcp', labels: {}}],
      container: docker({network: 'BRIDGE', portMappings: [{containerPort: 80, servicePort: 10}]}),
    },
    want: {
      networks: [{mode: 'container/bridge'}],
      container: {...image, portMappings: [{containerPort: 80, servicePort: 10}]},
    },
  },
  'ports beside the mappings of today’s bridge are dropped': {
    input: {
      ports: [9],
      networks: [{mode: 'container/bridge'}],
      container: {...image, portMappings: [{containerPort: 80}]},
    },
    want: {networks: [{mode: 'container/bridge'}], container: {...image, portMappings: [{containerPort: 80}]}},
  },
  'ports of a bridge without mappings become mappings': {
    input: {ports: [9000, 0], container: docker({network: 'BRIDGE'})},
    want: {
      networks: [{mode: 'container/bridge'}],
      container: {
        ...image,
        portMappings: [
          {containerPort: 0, servicePort: 9000, protocol: 'tcp', name: 'default'},
          {containerPort: 0, servicePort: 0, protocol: 'tcp'},
        ],
      },
    },
  },
  'portDefinitions of an older bridge without mappings become mappings': {
    input: {portDefinitions: [{port: 9, name: 'a'}], container: docker({network: 'BRIDGE'})},
    want: {
      networks: [{mode: 'container/bridge'}],
      container: {...image, portMappings: [{containerPort: 0, servicePort: 9, name: 'a'}]},
    },
  },
  'portDefinitions of today’s bridge stay, to be refused': {
    input: {networks: [{mode: 'container/bridge'}], portDefinitions: [{port: 9}]},
    want: {networks: [{mode: 'container/bridge'}], portDefinitions: [{port: 9}]},
  },
  "discovery's ports are not for docker": {
    input: {container: image, ipAddress: {networkName: 'blue', discovery: {ports: [{number: 80}]}}},
    want: {container: image, networks: [{mode: 'container', name: 'blue', labels: undefined}]},
  },
  "today's fields stay as they are": {
    input: {container: {type: 5}, networks: 'x', labels: {uris: 'x'}},
    want: {container: {type: 5}, networks: 'x', labels: {uris: 'x'}},
  },
};
for (const [title, {input, want}] of Object.entries(rows)) {
  test(title, t => {
    t.deepEqual(translateOlderFields(input), {app: want, violations: [], conflicts: []});
  });
}

const conflicts: Record<string, {input: Json; want: string}> = {
  'ports and portDefinitions that differ': {
    input: {ports: [10102], portDefinitions: [{port: 10103}]},
    want: '/: cannot specify both ports and port definitions',
  },
  'ports and portDefinitions that differ on today’s bridge': {
    input: {networks: [{mode: 'container/bridge'}], ports: [1], portDefinitions: [{port: 2}]},
    want: '/: cannot specify both ports and port definitions',
  },
  'uris and fetch that differ': {
    input: {uris: ['x', 'y'], fetch: [{uri: 'x'}]},
    want: '/: cannot specify both uris and fetch fields',
  },
  'uris and fetch': {
    input: {uris: ['x'], fetch: [{uri: 'y'}]},
    want: '/: cannot specify both uris and fetch fields',
  },
  'ports and portDefinitions': {
    input: {ports: [1], portDefinitions: []},
    want: '/: cannot specify both ports and port definitions',
  },
  'mappings twice': {
    input: {container: {...docker({portMappings: []}), portMappings: []}},
    want: '/container: cannot specify both container.portMappings and container.docker.portMappings',
  },
  'docker.network and networks': {
    input: {container: docker({network: 'HOST'}), networks: []},
    want: '/: cannot specify both container.docker.network and networks',
  },
  'ipAddress and networks': {
    input: {ipAddress: {}, networks: [{mode: 'host'}]},
    want: '/: cannot specify both ipAddress and networks',
  },
  'ipAddress on a bridge': {
    input: {ipAddress: {}, container: docker({network: 'BRIDGE'})},
    want: '/: cannot specify both ipAddress and container.docker.network BRIDGE',
  },
  'a credential': {
    input: {container: docker({credential: {principal: 'x'}})},
    want: '/container/docker/credential: must be absent: it was replaced by pullConfig',
  },
};
for (const [title, {input, want}] of Object.entries(conflicts)) {
  test(`refused: ${title}`, t => {
    const found = translateOlderFields(input).conflicts;
    t.deepEqual(
      found.map(({path, errors}) => `${path}: ${errors.join()}`),
      [want],
    );
  });
}

const wrong: Record<string, {input: Json; want: string}> = {
  'uris are a text': {input: {uris: 'x'}, want: '/uris: error.expected.jsarray'},
  'a uri is a number': {input: {uris: ['x', 5]}, want: '/uris(1): error.expected.jsstring'},
  'ports are a number': {input: {ports: 80}, want: '/ports: error.expected.jsarray'},
  'a port is too large': {input: {ports: [65_536]}, want: '/ports(0): error.max'},
  'an unknown network': {
    input: {container: docker({network: 'X'})},
    want: '/container/docker/network: error.unknown.enum.literal',
  },
  'mappings are an object': {
    input: {container: docker({portMappings: {}})},
    want: '/container/docker/portMappings: error.expected.jsarray',
  },
  'ipAddress is a text': {input: {ipAddress: 'x'}, want: '/ipAddress: error.expected.jsobject'},
};
for (const [title, {input, want}] of Object.entries(wrong)) {
  test(`of the wrong type: ${title}`, t => {
    const found = translateOlderFields(input).violations;
    t.deepEqual(
      found.map(({path, errors}) => `${path}: ${errors.join()}`),
      [want],
    );
  });
}
