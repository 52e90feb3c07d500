import test from 'ava';
import fc from 'fast-check';
import {decodeProtobuf} from '../../../src/standalone/apiserver/protobuf/decode.ts';

const envelope = (apiVersion: string, kind: string, raw: Uint8Array): Uint8Array => {
  const field = (number: number, bytes: readonly number[]): number[] => [
    number * 8 + 2,
    ...length(bytes.length),
    ...bytes,
  ];
  const length = (size: number): number[] => (size < 128 ? [size] : [(size % 128) | 128, Math.floor(size / 128)]);
  const typeMeta = [...field(1, [...Buffer.from(apiVersion)]), ...field(2, [...Buffer.from(kind)])];
  return Uint8Array.from([0x6b, 0x38, 0x73, 0, ...field(1, typeMeta), ...field(2, [...raw])]);
};

test('whatever bytes come, the answer is an object or a reason', t => {
  const kinds = fc.constantFrom(
    ['v1', 'Pod'],
    ['v1', 'Secret'],
    ['v1', 'DeleteOptions'],
    ['coordination.k8s.io/v1', 'Lease'],
  );
  t.notThrows(() => {
    fc.assert(
      fc.property(kinds, fc.uint8Array({maxLength: 200}), ([apiVersion = '', kind = ''], raw) => {
        const result = decodeProtobuf(envelope(apiVersion, kind, raw));
        return result.ok ? result.value['kind'] === kind : result.error !== '';
      }),
      {numRuns: 500},
    );
  });
});
