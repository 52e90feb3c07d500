import type {RequestOptions} from 'node:https';
import test from 'ava';
import {stringify} from 'yaml';
import {readTokenConfig} from '../../src/kube/token-config.ts';

const AUTHORITY = Buffer.from('PEM').toString('base64');
const CLUSTER = {server: 'https://127.0.0.1:6443', 'certificate-authority-data': AUTHORITY};
const kubeconfig = (cluster: object, user: object, rest: object = {}): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {name: 'other', cluster: {}},
      {name: 'c', cluster},
    ],
    users: [{name: 'u', user}],
    contexts: [{name: 'x', context: {cluster: 'c', user: 'u', namespace: 'default'}}],
    'current-context': 'x',
    ...rest,
  });

test('a server, its authority and a token are read', async t => {
  const config = readTokenConfig(kubeconfig(CLUSTER, {token: 'secret'}));
  const options: RequestOptions = {};
  await config?.applyToHTTPSOptions(options);
  t.deepEqual(config?.getCurrentCluster(), {server: 'https://127.0.0.1:6443'});
  t.deepEqual(options, {ca: Buffer.from('PEM'), headers: {Authorization: 'Bearer secret'}});
});

const others = {
  'a token file': kubeconfig(CLUSTER, {tokenFile: '/t'}),
  'a token and a certificate': kubeconfig(CLUSTER, {token: 'a', 'client-certificate-data': AUTHORITY}),
  'a program that makes credentials': kubeconfig(CLUSTER, {exec: {command: 'x'}}),
  'a proxy': kubeconfig({...CLUSTER, 'proxy-url': 'http://proxy'}, {token: 'a'}),
  'no verification': kubeconfig({server: CLUSTER.server, 'insecure-skip-tls-verify': true}, {token: 'a'}),
  'no context': kubeconfig(CLUSTER, {token: 'a'}, {'current-context': undefined}),
  'a context that is not there': kubeconfig(CLUSTER, {token: 'a'}, {'current-context': 'y'}),
  'lists that are none': kubeconfig(CLUSTER, {token: 'a'}, {users: 'u'}),
  'an empty file': '',
};
for (const [title, text] of Object.entries(others)) {
  test(`left to client-node: ${title}`, t => {
    t.is(readTokenConfig(text), undefined);
  });
}
