import {createHash} from 'node:crypto';
import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import test from 'ava';
import {scratch, serve} from '../executor-shim/fetch/bench.ts';
import {TREE, tarOf} from '../executor-shim/fetch/archives.ts';
import {eventually} from '../support/eventually.ts';
import {type Json, Standalone} from '../support/standalone.ts';

const ARCHIVE = gzipSync(tarOf(TREE));
const CHECKSUM = createHash('sha256').update(ARCHIVE).digest('hex');

test('URIs lie in the sandbox before the task starts; one that cannot be fetched is its failure', async t => {
  const origin = await serve(t, ({url}, response) => {
    if (url === '/app.tar.gz') response.end(ARCHIVE);
    else response.writeHead(404).end();
  });
  const files = await scratch(t);
  await writeFile(join(files, 'words'), 'from the node');
  const system = await Standalone.start(t, ['--agents=1']);

  await system.marathon('POST', '/v2/apps', {
    id: 'fetches',
    cmd: `dir/run.sh > said && cat dir/link words >> said && cp said ${files}/result && sleep 1000`,
    cpus: 0.1,
    mem: 32,
    fetch: [{uri: `${origin}/app.tar.gz#sha256=${CHECKSUM}`}, {uri: `file://${files}/words`}],
  });
  await system.marathon('POST', '/v2/apps', {
    id: 'fails',
    cmd: 'sleep 1000',
    cpus: 0.1,
    mem: 32,
    uris: [`${origin}/none.tar.gz`],
  });

  await system.untilRunning('fetches', 1);
  await eventually('what the task made of them', async () => {
    const said = await readFile(join(files, 'result'), 'utf8').catch(() => '');
    return said === 'hi\nhello\nfrom the node';
  });
  const failure = await eventually('the failure', async () => {
    const {body} = await system.marathon('GET', '/v2/apps/fails');
    return (body['app'] as Json)['lastTaskFailure'] as Json | undefined;
  });
  t.like(failure, {
    state: 'TASK_FAILED',
    message: `Failed to fetch '${origin}/none.tar.gz': the server answered 404 Not Found`,
  });
});
