import test from 'ava';
import {encodeRecord, RecordDecoder} from '../../src/lib/recordio.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const texts = (records: readonly Uint8Array[]): string[] => records.map(record => new TextDecoder().decode(record));

const frames = {
  'a short text': {payload: 'hi', want: '2\nhi'},
  'nothing at all': {payload: '', want: '0\n'},
  'bytes are counted, not characters': {payload: 'é', want: '2\né'},
};
for (const [title, {payload, want}] of Object.entries(frames)) {
  test(`encodes ${title}`, t => {
    t.is(new TextDecoder().decode(encodeRecord(payload)), want);
  });
}

const streams = {
  'two records in one chunk': {chunks: ['2\nhi3\nyou'], want: ['hi', 'you']},
  'a record over three chunks': {chunks: ['5\nh', 'el', 'lo'], want: ['hello']},
  'a length over two chunks': {chunks: ['1', '0\n0123456789'], want: ['0123456789']},
  'an empty record between others': {chunks: ['1\na0\n1\nb'], want: ['a', '', 'b']},
  'a newline inside a record': {chunks: ['3\na\nb'], want: ['a\nb']},
};
for (const [title, {chunks, want}] of Object.entries(streams)) {
  test(`decodes ${title}`, t => {
    const decoder = new RecordDecoder();
    const records: Uint8Array[] = [];
    for (const chunk of chunks) {
      const pushed = decoder.push(bytes(chunk));
      if (!pushed.ok) return t.fail(pushed.error);
      records.push(...pushed.value);
    }
    t.deepEqual(texts(records), want);
    t.true(decoder.atBoundary);
  });
}

const broken = {
  'letters for a length': 'x\n',
  'a newline without digits': '\n',
  'a sign': '-1\n',
  'more than the limit': '101\n',
};
for (const [title, stream] of Object.entries(broken)) {
  test(`refuses ${title}`, t => {
    t.false(new RecordDecoder(100).push(bytes(stream)).ok);
  });
}

test('a stream that ends inside a record is not at a boundary', t => {
  const decoder = new RecordDecoder();
  decoder.push(bytes('5\nhel'));
  t.false(decoder.atBoundary);
});
