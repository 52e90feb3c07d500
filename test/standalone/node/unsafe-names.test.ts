import test from 'ava';
import type {Container, Pod, Volume} from '../../../src/standalone/node/pod.ts';
import {unsafeNames} from '../../../src/standalone/node/unsafe-names.ts';

const podOf = (container: Partial<Container>, volume: Partial<Volume> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {name: 'p', namespace: 'd', uid: 'u'},
  spec: {
    initContainers: [{name: 'i', command: ['x']}],
    containers: [{name: 'c', command: ['x'], ...container}],
    volumes: [{name: 'v', emptyDir: {}, ...volume}],
  },
});
const mounted = (mountPath: string, subPath = ''): Partial<Container> => ({
  volumeMounts: [{name: 'v', mountPath, subPath}],
});

const rows: Record<string, {pod: Pod; want: string | undefined}> = {
  'an image with a registry, a port, a tag and a digest': {
    pod: podOf({image: 'registry.example:5000/a/b_c:1.0@sha256:abc'}),
    want: undefined,
  },
  'no image': {pod: podOf({}), want: undefined},
  'an image that is an option': {pod: podOf({image: '--privileged'}), want: 'InvalidImageName'},
  'an image that is an option with its value': {pod: podOf({image: '-v/:/host'}), want: 'InvalidImageName'},
  'an image of two words': {pod: podOf({image: 'a b'}), want: 'InvalidImageName'},
  'a mount below the sandbox': {pod: podOf(mounted('/mnt/mesos/sandbox/a..b', 'a/..b')), want: undefined},
  'a mount that climbs': {pod: podOf(mounted('/a/../etc')), want: 'InvalidVolume'},
  'a relative mount that climbs': {pod: podOf(mounted('../../etc')), want: 'InvalidVolume'},
  'a part of a volume that climbs': {pod: podOf(mounted('/a', '../../etc')), want: 'InvalidVolume'},
  'a part of a volume that is absolute': {pod: podOf(mounted('/a', '/etc')), want: 'InvalidVolume'},
  'a mount of two paths': {pod: podOf(mounted('/a:/etc')), want: 'InvalidVolume'},
  'a path of the host that climbs': {pod: podOf({}, {hostPath: {path: '/a/../etc'}}), want: 'InvalidVolume'},
  'a path of the host of two paths': {pod: podOf({}, {hostPath: {path: '/a:/etc'}}), want: 'InvalidVolume'},
  'a volume whose name climbs': {pod: podOf({}, {name: '..'}), want: 'InvalidVolume'},
};
for (const [title, {pod, want}] of Object.entries(rows)) {
  test(`${title}: ${want ?? 'fine'}`, t => {
    t.is(unsafeNames(pod)?.reason, want);
  });
}
