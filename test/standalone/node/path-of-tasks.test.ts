import test from 'ava';
import {pathOfTasks} from '../../../src/standalone/node/path-of-tasks.ts';

const rows = {
  'a plain one stays': {path: '/opt/bin:/usr/bin:/bin', want: '/opt/bin:/usr/bin:/bin'},
  'what npm puts in front goes': {
    path: '/p/node_modules/.bin:/node_modules/.bin:/usr/lib/node_modules/npm/node_modules/@npmcli/run-script/lib/node-gyp-bin:/usr/bin',
    want: '/usr/bin',
  },
  'a Node that a package brought goes': {path: '/p/node_modules/node/bin:/usr/bin', want: '/usr/bin'},
  'a folder that only sounds like it stays': {
    path: '/home/me/my_node_modules/.bin:/bin',
    want: '/home/me/my_node_modules/.bin:/bin',
  },
  'without any a shell has the default': {
    path: undefined,
    want: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  },
};
for (const [title, {path, want}] of Object.entries(rows)) {
  test(title, t => {
    t.is(pathOfTasks(path), want);
  });
}
