import {createHash} from 'node:crypto';
import {mkdir, readFile, readdir, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import test from 'ava';
import {fetchInto, scratch, serve} from './bench.ts';

const BODY = 'hello, sandbox\n';
const hash = (algorithm: string): string => createHash(algorithm).update(BODY).digest('hex');

test('a document lies in the sandbox under the last part of its URI', async t => {
  const origin = await serve(t, (_, response) => response.end(BODY));
  const sandbox = await scratch(t);
  t.deepEqual(await fetchInto(sandbox, [{value: `${origin}/a/b/hello%20x.txt?token=secret#top`}]), {
    ok: true,
    value: undefined,
  });
  t.deepEqual(await readdir(sandbox), ['hello x.txt']);
  t.is(await readFile(join(sandbox, 'hello x.txt'), 'utf8'), BODY);
});

test('output_file names it, in directories of the sandbox; executable makes it one', async t => {
  const origin = await serve(t, (_, response) => response.end(BODY));
  const sandbox = await scratch(t);
  const uris = [{value: `${origin}/x.tar.gz`, output_file: 'bin/./tool', executable: true}, {value: `${origin}/plain`}];
  t.true((await fetchInto(sandbox, uris)).ok);
  t.is((await stat(join(sandbox, 'bin/tool'))).mode & 0o777, 0o755);
  t.is((await stat(join(sandbox, 'bin'))).mode & 0o777, 0o777);
  t.is((await stat(join(sandbox, 'plain'))).mode & 0o777, 0o644);
});

test('a file of the node is copied', async t => {
  const [from, sandbox] = [await scratch(t), await scratch(t)];
  await writeFile(join(from, 'data'), BODY);
  t.true((await fetchInto(sandbox, [{value: `file://${from}/data`}])).ok);
  t.true((await fetchInto(sandbox, [{value: join(from, 'data'), output_file: 'again'}])).ok);
  t.is(await readFile(join(sandbox, 'again'), 'utf8'), BODY);
});

for (const algorithm of ['sha256', 'sha512']) {
  test(`a ${algorithm} in the fragment is checked`, async t => {
    const origin = await serve(t, (_, response) => response.end(BODY));
    const sandbox = await scratch(t);
    t.true((await fetchInto(sandbox, [{value: `${origin}/a#${algorithm}=${hash(algorithm)}`}])).ok);
    const other = hash(algorithm).replace(/./g, digit => (digit === '0' ? '1' : '0'));
    const refused = await fetchInto(sandbox, [{value: `${origin}/b#${algorithm}=${other}`}]);
    t.regex(refused.ok ? '' : refused.error, new RegExp(`its ${algorithm} is ${hash(algorithm)}, not ${other}`));
    t.deepEqual(await readdir(sandbox), ['a']);
  });
}

const statuses = {
  404: 'the server answered 404 Not Found',
  403: 'the server answered 403 Forbidden',
} as const;
for (const [status, message] of Object.entries(statuses)) {
  test(`${status} fails at once`, async t => {
    let asked = 0;
    const origin = await serve(t, (_, response) => {
      asked++;
      response.writeHead(Number(status)).end();
    });
    const failed = await fetchInto(await scratch(t), [{value: `${origin}/a?token=secret`}]);
    t.deepEqual(failed, {ok: false, error: `Failed to fetch '${origin}/a': ${message}`});
    t.is(asked, 1);
  });
}

test('503 is asked again, four times in all', async t => {
  let asked = 0;
  const origin = await serve(t, (_, response) => {
    asked++;
    response.writeHead(asked < 4 ? 503 : 200).end(BODY);
  });
  const sandbox = await scratch(t);
  t.true((await fetchInto(sandbox, [{value: `${origin}/a`}])).ok);
  asked = -100;
  const failed = await fetchInto(sandbox, [{value: `${origin}/b`}]);
  t.is(failed.ok ? '' : failed.error, `Failed to fetch '${origin}/b': the server answered 503 Service Unavailable`);
  t.is(asked, -96);
});

test('a connection that breaks is tried again from the start', async t => {
  let asked = 0;
  const origin = await serve(t, (_, response) => {
    response.writeHead(200, {'content-length': BODY.length});
    if (++asked < 3) response.write(BODY.slice(0, 5), () => response.destroy());
    else response.end(BODY);
  });
  const sandbox = await scratch(t);
  t.true((await fetchInto(sandbox, [{value: `${origin}/a`}])).ok);
  t.is(await readFile(join(sandbox, 'a'), 'utf8'), BODY);
  t.is(asked, 3);
});

test('a server that falls silent is given up', async t => {
  const origin = await serve(t, (_, response) => response.writeHead(200).write('x'));
  const failed = await fetchInto(await scratch(t), [{value: `${origin}/a`}], {stall_timeout: {nanoseconds: 5e9}});
  t.deepEqual(failed, {ok: false, error: `Failed to fetch '${origin}/a': nothing came for 5 s`});
});

test('nobody answers', async t => {
  const origin = await serve(t, (request, response) => {
    request.socket.destroy();
    response.destroy();
  });
  const failed = await fetchInto(await scratch(t), [{value: `${origin}/a`}]);
  t.deepEqual(failed, {ok: false, error: `Failed to fetch '${origin}/a': socket hang up`});
});

test('too large, whether announced or not', async t => {
  const origin = await serve(t, ({url}, response) => {
    if (url === '/announced') response.setHeader('content-length', BODY.length);
    response.write(BODY);
    response.end();
  });
  const sandbox = await scratch(t);
  for (const name of ['announced', 'not']) {
    const failed = await fetchInto(sandbox, [{value: `${origin}/${name}`}], {max_size: 5});
    t.deepEqual(failed, {ok: false, error: `Failed to fetch '${origin}/${name}': larger than 5 bytes`});
  }
  t.deepEqual(await readdir(sandbox), []);
});

test('redirects are followed, but not for ever, and not out of HTTP', async t => {
  const origin = await serve(t, ({url = ''}, response) => {
    const targets: Readonly<Record<string, string>> = {
      '/a': '/b',
      '/b': 'c',
      '/loop': '/loop',
      '/out': 'file:///etc/passwd',
    };
    const target = targets[url];
    if (target === undefined) response.end(BODY);
    else response.writeHead(302, {location: target}).end();
  });
  const sandbox = await scratch(t);
  t.true((await fetchInto(sandbox, [{value: `${origin}/a`}])).ok);
  t.is(await readFile(join(sandbox, 'a'), 'utf8'), BODY);
  const loop = await fetchInto(sandbox, [{value: `${origin}/loop`}]);
  t.is(loop.ok ? '' : loop.error, `Failed to fetch '${origin}/loop': more than 10 redirects`);
  const out = await fetchInto(sandbox, [{value: `${origin}/out`}]);
  t.is(out.ok ? '' : out.error, `Failed to fetch '${origin}/out': a redirect leads to file:`);
});

test('a password goes to its own host only, and is not told', async t => {
  const seen: (string | undefined)[] = [];
  const other = await serve(t, ({headers}, response) => {
    seen.push(headers.authorization);
    response.writeHead(404).end();
  });
  const origin = await serve(t, ({headers, url}, response) => {
    seen.push(headers.authorization);
    response.writeHead(302, {location: url === '/a' ? '/b' : `${other}/c`}).end();
  });
  const withPassword = origin.replace('http://', 'http://me:p%40ss@');
  const failed = await fetchInto(await scratch(t), [{value: `${withPassword}/a`}]);
  t.is(failed.ok ? '' : failed.error, `Failed to fetch '${origin}/a': the server answered 404 Not Found`);
  const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
  t.deepEqual(seen, [basic, basic, undefined]);
});

const refused: Readonly<Record<string, readonly [uri: string, outputFile: string | undefined, problem: string]>> = {
  'another scheme': ['hdfs://x/y', undefined, "scheme 'hdfs' is not supported"],
  'no scheme': ['x/y', undefined, 'want an http, https or file URI'],
  'no name': ['http://x/', undefined, 'the URI has no file name: set output_file'],
  'out of the sandbox': ['http://x/y', '../y', "output file '../y' must stay in the sandbox"],
  'an absolute output file': ['http://x/y', '/y', "output file '/y' must be relative to the sandbox"],
  'a path that climbs': ['file:///a/../b', undefined, "the path must not contain '..'"],
  md5: ['http://x/y#md5=0', undefined, 'checksum md5 is not supported: want sha256 or sha512'],
  'half a checksum': ['http://x/y#sha256=00', undefined, 'checksum sha256: want 64 hexadecimal digits'],
};
for (const [title, [value, output_file, problem]] of Object.entries(refused)) {
  test(`refused: ${title}`, async t => {
    const failed = await fetchInto(await scratch(t), [{value, ...(output_file !== undefined && {output_file})}]);
    t.deepEqual(failed, {ok: false, error: `Failed to fetch '${value.split('#')[0]}': ${problem}`});
  });
}

test('the first failure ends it; what was fetched before stays', async t => {
  const origin = await serve(t, ({url}, response) => response.writeHead(url === '/b' ? 404 : 200).end(BODY));
  const sandbox = await scratch(t);
  t.false(
    (
      await fetchInto(
        sandbox,
        ['a', 'b', 'c'].map(name => ({value: `${origin}/${name}`})),
      )
    ).ok,
  );
  t.deepEqual(await readdir(sandbox), ['a']);
});

test('told to stop, it stops', async t => {
  const stop = new AbortController();
  const origin = await serve(t, (_, response) => {
    response.writeHead(200).write('x', () => stop.abort(new Error('stopped by SIGTERM')));
  });
  const failed = await fetchInto(await scratch(t), [{value: `${origin}/a`}], {}, stop.signal);
  t.deepEqual(failed, {ok: false, error: `Failed to fetch '${origin}/a': stopped by SIGTERM`});
});

test('a name that is taken by a directory is an error, a file makes room', async t => {
  const origin = await serve(t, (request, response) => {
    void text(request);
    response.end(BODY);
  });
  const sandbox = await scratch(t);
  await mkdir(join(sandbox, 'dir'));
  await writeFile(join(sandbox, 'file'), 'old');
  t.false((await fetchInto(sandbox, [{value: `${origin}/dir`}])).ok);
  t.true((await fetchInto(sandbox, [{value: `${origin}/file`}])).ok);
  t.is(await readFile(join(sandbox, 'file'), 'utf8'), BODY);
});
