import test from 'ava';
import fc from 'fast-check';
import {encodeRecord, RecordDecoder} from '../../src/lib/recordio.ts';

test('records survive any cut of the stream', t => {
  const records = fc.array(fc.uint8Array({maxLength: 40}), {maxLength: 8});
  const cuts = fc.array(fc.integer({min: 1, max: 12}), {maxLength: 200});
  t.notThrows(() => {
    fc.assert(
      fc.property(records, cuts, (payloads, sizes) => {
        const stream = payloads.flatMap(payload => [...encodeRecord(payload)]);
        const decoder = new RecordDecoder();
        const got: number[][] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = sizes[i] ?? 7;
          const pushed = decoder.push(Uint8Array.from(stream.slice(at, at + size)));
          if (!pushed.ok) return false;
          got.push(...pushed.value.map(record => [...record]));
          at += size;
        }
        return JSON.stringify(got) === JSON.stringify(payloads.map(payload => [...payload]));
      }),
    );
  });
});
