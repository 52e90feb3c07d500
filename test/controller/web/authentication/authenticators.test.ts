import test from 'ava';
import {SignJWT} from 'jose';
import {identify, type Authenticator, type Shown} from '../../../../src/controller/web/authentication/authenticator.ts';
import {basicAuthenticator} from '../../../../src/controller/web/authentication/basic.ts';
import {certificateAuthenticator} from '../../../../src/controller/web/authentication/certificate.ts';
import {jwtAuthenticator} from '../../../../src/controller/web/authentication/jwt.ts';
import {kubernetesAuthenticator} from '../../../../src/controller/web/authentication/kubernetes-token.ts';
import {networkError} from '../../../../src/kube/kube-error.ts';
import type {KubeClient} from '../../../../src/kube/types.ts';
import {err, ok} from '../../../../src/lib/result.ts';
import {VirtualClock} from '../../../support/virtual-clock.ts';

const KEY = new TextEncoder().encode('a key of more than 32 bytes, as HS256 wants');
const clock = new VirtualClock();
const nowS = Math.floor(clock.now() / 1000);

const shown = (authorization?: string, certificate?: Shown['certificate']): Shown => ({authorization, certificate});
const basicHeader = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const signed = (claims: Record<string, unknown>, key = KEY, alg = 'HS256'): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({alg}).sign(key);

const basic = basicAuthenticator(
  () =>
    new Map([
      ['ops', 'geheim:é'],
      ['void', ''],
    ]),
);
const jwt = jwtAuthenticator(() => KEY, clock);

const basicRows: Record<string, {header: string | undefined; want: string | 'wrong' | undefined}> = {
  'the right secret, with a colon and more than ASCII': {header: basicHeader('ops:geheim:é'), want: 'ops'},
  'an empty secret that is right': {header: basicHeader('void:'), want: 'void'},
  'the scheme in other letters': {header: basicHeader('ops:geheim:é').replace('Basic', 'bASIC'), want: 'ops'},
  'a wrong secret': {header: basicHeader('ops:geheim'), want: 'wrong'},
  'an unknown principal without a secret': {header: basicHeader('nobody:'), want: 'wrong'},
  'no colon': {header: basicHeader('ops'), want: 'wrong'},
  'a principal with an empty secret, without a colon': {header: basicHeader('void'), want: 'wrong'},
  'something that is no base64': {header: 'Basic ???', want: 'wrong'},
  'another scheme': {header: 'Bearer x', want: undefined},
  'no credentials behind the scheme': {header: 'Basic', want: undefined},
  'no header': {header: undefined, want: undefined},
};
for (const [title, {header, want}] of Object.entries(basicRows)) {
  test(`basic: ${title}`, async t => {
    const identity = await basic.identify(shown(header));
    t.is(identity?.ok ? identity.value.principal : identity?.error.kind, want);
    t.notRegex(JSON.stringify(identity ?? ''), /geheim/);
  });
}

test('basic: a changed file counts at once', async t => {
  let known = new Map([['ops', 'old']]);
  const changing = basicAuthenticator(() => known);
  known = new Map([['ops', 'new']]);
  t.true((await changing.identify(shown(basicHeader('ops:new'))))?.ok);
  t.false((await changing.identify(shown(basicHeader('ops:old'))))?.ok);
});

const other = new TextEncoder().encode('another key of more than 32 bytes, which is wrong');
const jwtRows: Record<string, {token: () => Promise<string> | string; want: string | undefined | 'wrong'}> = {
  'its subject is the principal': {token: () => signed({sub: 'ops'}), want: 'ops'},
  'without a subject it names nobody': {token: () => signed({fid: 'f'}), want: undefined},
  'it counts until it expires': {token: () => signed({sub: 'ops', exp: nowS + 1}), want: 'ops'},
  'it has expired': {token: () => signed({sub: 'ops', exp: nowS - 1}), want: 'wrong'},
  'it does not count yet': {token: () => signed({sub: 'ops', nbf: nowS + 60}), want: 'wrong'},
  'of another key': {token: () => signed({sub: 'ops'}, other), want: 'wrong'},
  'of another algorithm': {token: () => signed({sub: 'ops'}, new Uint8Array(64), 'HS512'), want: 'wrong'},
  'without a signature': {token: () => `${btoa('{"alg":"none"}')}.${btoa('{"sub":"ops"}')}.`, want: 'wrong'},
  'no token at all': {token: () => 'abc', want: 'wrong'},
};
for (const [title, {token, want}] of Object.entries(jwtRows)) {
  test(`JWT: ${title}`, async t => {
    const identity = await jwt.identify(shown(`Bearer ${await token()}`));
    t.is(identity?.ok ? identity.value.principal : identity?.error.kind, want);
  });
}

test('JWT: every claim stays known, as text', async t => {
  const identity = await jwt.identify(shown(`Bearer ${await signed({sub: 'ops', fid: 'f', n: 1, list: ['a']})}`));
  t.deepEqual(identity?.ok && identity.value.claims, {sub: 'ops', fid: 'f', n: '1', list: '["a"]'});
});

/** An API server that knows one token, and how often it was asked. */
function reviews() {
  const asked: unknown[] = [];
  const raw: KubeClient['raw'] = async (method, path, body) => {
    asked.push(body);
    const {token} = (body as {spec: {token: string}}).spec;
    if (`${method} ${path}` !== 'POST /apis/authentication.k8s.io/v1/tokenreviews')
      return err(networkError('not asked'));
    if (token === 'cut') return err(networkError('cut'));
    const user = {username: 'system:serviceaccount:dev:deployer', groups: ['system:serviceaccounts']};
    return ok({status: 201, text: JSON.stringify({status: token === 'good' ? {authenticated: true, user} : {}})});
  };
  return {asked, client: {raw}};
}

test('Kubernetes: a token that it knows brings name and groups, and is asked about once in ten seconds', async t => {
  const {asked, client} = reviews();
  const time = new VirtualClock();
  const kubernetes = kubernetesAuthenticator(client, time);
  const ask = () => kubernetes.identify(shown('Bearer good'));
  const want = ok({principal: 'system:serviceaccount:dev:deployer', groups: ['system:serviceaccounts']});
  t.deepEqual(await Promise.all([ask(), ask()]), [want, want]);
  t.is(asked.length, 1);
  await time.advance(10_000);
  t.deepEqual(await ask(), want);
  t.is(asked.length, 2);
});

test('Kubernetes: a token that it does not know is wrong', async t => {
  const {client} = reviews();
  const identity = await kubernetesAuthenticator(client, new VirtualClock()).identify(shown('Bearer bad'));
  t.is(identity?.ok === false && identity.error.kind, 'wrong');
});

test('Kubernetes: no answer says nothing about the token, and is not remembered', async t => {
  const {asked, client} = reviews();
  const kubernetes = kubernetesAuthenticator(client, new VirtualClock());
  for (const times of [1, 2]) {
    const identity = await kubernetes.identify(shown('Bearer cut'));
    t.is(identity?.ok === false && identity.error.kind, 'unavailable');
    t.is(asked.length, times);
  }
});

test('a certificate names the principal, its organizations are groups', async t => {
  const identity = await certificateAuthenticator.identify(shown(undefined, {commonName: 'ops', organizations: ['o']}));
  t.deepEqual(identity, ok({principal: 'ops', groups: ['o']}));
  t.is(certificateAuthenticator.identify(shown(basicHeader('ops:x'))), undefined);
});

const realm = (...authenticators: Authenticator[]) => ({name: 'r', authenticators});

test('who brings nothing is told what to bring, each scheme once', async t => {
  const {client} = reviews();
  const kubernetes = kubernetesAuthenticator(client, clock);
  const got = await identify(realm(basic, jwt, kubernetes, certificateAuthenticator), shown());
  t.deepEqual(
    got,
    err({kind: 'unauthenticated', challenges: ['Basic realm="r"', 'Bearer realm="r"'], wrong: undefined}),
  );
});

test('who brings a wrong token is told so', async t => {
  const got = await identify(realm(basic, jwt), shown('Bearer x'));
  t.deepEqual(got.ok ? undefined : got.error.kind === 'unauthenticated' && got.error.challenges, [
    'Basic realm="r"',
    'Bearer realm="r", error="invalid_token"',
  ]);
});

test('what one does not know, another may', async t => {
  const {client} = reviews();
  const both = realm(jwt, kubernetesAuthenticator(client, clock));
  const got = await Promise.all([
    identify(both, shown('Bearer good')),
    identify(both, shown(`Bearer ${await signed({sub: 'ops'})}`)),
  ]);
  t.deepEqual(
    got.map(one => one.ok && one.value.principal),
    ['system:serviceaccount:dev:deployer', 'ops'],
  );
});

test('while Kubernetes does not answer, nobody knows whether a token is good', async t => {
  const {client} = reviews();
  const got = await identify(realm(jwt, kubernetesAuthenticator(client, clock)), shown('Bearer cut'));
  t.is(got.ok ? undefined : got.error.kind, 'authentication-unavailable');
});
