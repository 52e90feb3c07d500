import {mkdir, mkdtemp, readdir, rm, symlink} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import type {LaunchPlan} from '../../../src/standalone/node/launch-plan.ts';
import {prepareSandbox} from '../../../src/standalone/node/sandbox.ts';

test('a directory of a volume is not made through a link that a container has left there', async t => {
  const base = await mkdtemp(join(tmpdir(), 'mesos-sandbox-'));
  t.teardown(() => rm(base, {recursive: true, force: true}));
  const [outside, pod] = [join(base, 'outside'), join(base, 'pod')];
  await mkdir(outside);
  await mkdir(join(pod, '.volumes/v'), {recursive: true});
  await symlink(outside, join(pod, '.volumes/v/door'));
  const plan = (directory: string): LaunchPlan => ({
    ...{argv: [], env: {}, cwd: '/', links: new Map(), warnings: [], execPrefix: [], files: new Map()},
    directories: [join(pod, directory)],
  });
  await prepareSandbox(join(pod, 'c/0'), plan('.volumes/v/room/below'));
  t.deepEqual(await readdir(join(pod, '.volumes/v/room')), ['below']);
  await t.throwsAsync(prepareSandbox(join(pod, 'c/1'), plan('.volumes/v/door/below')), {message: /door is a link/});
  await t.throwsAsync(prepareSandbox(join(pod, 'c/2'), plan('../outside/below')), {message: /is not below/});
  t.deepEqual(await readdir(outside), []);
});
