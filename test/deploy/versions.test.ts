import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {parse} from 'yaml';
import {VERSION} from '../../src/version.ts';

test('the chart is of the version of what it installs: its image has that tag', t => {
  const path = fileURLToPath(new URL('../../deploy/helm/Chart.yaml', import.meta.url));
  t.like(parse(readFileSync(path, 'utf8')), {version: VERSION, appVersion: VERSION});
});
