import test from 'ava';
import type {AppVersion} from '../../../../../src/controller/marathon/core/apps/app-version.ts';
import {
  fromRevision,
  revisionName,
  toRevision,
  versionOf,
} from '../../../../../src/controller/marathon/core/apps/revision.ts';
import {spec} from '../fixtures.ts';

const OWNER = {name: 'prod.web', uid: 'u-1'};
const VERSION: AppVersion = {
  version: '2026-01-01T00:00:02.000Z',
  lastScalingAt: '2026-01-01T00:00:02.000Z',
  lastConfigChangeAt: '2026-01-01T00:00:01.000Z',
  spec: spec({instances: 3}),
  servicePorts: [10_000, 10_001],
};
const REVISION = toRevision(OWNER, VERSION, 'ns');

test('what was kept of a version is read back', t => {
  t.deepEqual(fromRevision(REVISION, OWNER), VERSION);
  t.is(versionOf(REVISION, OWNER), VERSION.version);
});

test('an app without ports has none in its versions', t => {
  t.deepEqual(fromRevision(toRevision(OWNER, {...VERSION, servicePorts: []}, 'ns'), OWNER)?.servicePorts, []);
});

test('a version belongs to its app, and is ordered by its time', t => {
  t.like(REVISION, {
    metadata: {
      namespace: 'ns',
      labels: {'marathon.mesos.dev/name': 'prod.web'},
      ownerReferences: [{kind: 'MarathonApp', name: 'prod.web', uid: 'u-1', controller: true}],
    },
    revision: Date.parse(VERSION.version),
  });
});

test('a version of an earlier object of the same name is another app’s', t => {
  const later = {...OWNER, uid: 'u-2'};
  t.is(versionOf(REVISION, later), undefined);
  t.is(fromRevision(REVISION, later), undefined);
});

test('one of several owners is enough, and without owners it is nobody’s', t => {
  const [owner] = REVISION.metadata.ownerReferences ?? [];
  if (owner === undefined) return t.fail();
  const owned = (ownerReferences: (typeof owner)[] | undefined) =>
    versionOf({...REVISION, metadata: {...REVISION.metadata, ownerReferences}}, OWNER);
  t.is(owned([{...owner, uid: 'other'}, owner]), VERSION.version);
  t.is(owned([]), undefined);
  t.is(owned(undefined), undefined);
});

test('a version whose spec can not be read any more is none', t => {
  t.is(fromRevision({...REVISION, data: {spec: {instances: 'many'}}}, OWNER), undefined);
});

test('without its own times a version has scaled and changed when it was made', t => {
  const annotations = {'marathon.mesos.dev/version': VERSION.version};
  t.like(fromRevision({...REVISION, metadata: {...REVISION.metadata, annotations}}, OWNER), {
    version: VERSION.version,
    lastScalingAt: VERSION.version,
    lastConfigChangeAt: VERSION.version,
    servicePorts: [],
  });
});

test('each version of each object has a name of its own, and always the same', t => {
  const names: readonly [string, ...string[]] = [
    revisionName(OWNER, VERSION.version),
    revisionName(OWNER, VERSION.lastConfigChangeAt),
    revisionName({...OWNER, uid: 'u-2'}, VERSION.version),
  ];
  t.is(new Set(names).size, 3);
  t.is(revisionName(OWNER, VERSION.version), names[0]);
  t.true(names.every(name => /^prod[.]web-[0-9a-f]{10}$/.test(name)));
});

test('a long name is cut, so that Kubernetes takes the whole, and never ends with a dot before the hash', t => {
  t.regex(revisionName({...OWNER, name: 'x'.repeat(253)}, VERSION.version), /^x{240}-[0-9a-f]{10}$/);
  t.regex(revisionName({...OWNER, name: `${'x'.repeat(239)}.abc`}, VERSION.version), /^x{239}-[0-9a-f]{10}$/);
});
