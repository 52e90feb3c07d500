import {readFileSync} from 'node:fs';
import {isDeepStrictEqual} from 'node:util';
import test from 'ava';
import * as fc from 'fast-check';
import type {TSchema} from 'typebox';
import {ENCODINGS, encodingOf} from '../../../../src/api/mesos/v1/encodings.ts';
import {executorCallSchema, executorEventSchema} from '../../../../src/api/mesos/v1/executor.ts';
import {decodeJson} from '../../../../src/api/mesos/v1/json.ts';
import {operatorCallSchema, operatorResponseSchema} from '../../../../src/api/mesos/v1/operator.ts';
import {operatorEventSchema} from '../../../../src/api/mesos/v1/operator-events.ts';
import {decodeProtobuf, encodeProtobuf} from '../../../../src/api/mesos/v1/protobuf.ts';
import {idSchema} from '../../../../src/api/mesos/v1/resources.ts';
import {schedulerCallSchema, schedulerEventSchema} from '../../../../src/api/mesos/v1/scheduler.ts';
import {
  bool,
  bytes,
  double,
  enumeration,
  int32,
  int64,
  list,
  map,
  message,
  optional,
  required,
  text,
  uint32,
  uint64,
} from '../../../../src/api/mesos/v1/schema.ts';
import {LIMITS} from '../../../../src/lib/limits.ts';

const MESSAGES: Readonly<Record<string, TSchema>> = {
  schedulerCall: schedulerCallSchema,
  schedulerEvent: schedulerEventSchema,
  operatorCall: operatorCallSchema,
  operatorResponse: operatorResponseSchema,
  operatorEvent: operatorEventSchema,
  executorCall: executorCallSchema,
  executorEvent: executorEventSchema,
};

const hex = (of: Uint8Array): string => Buffer.from(of).toString('hex');
const ofHex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');

// Made by Python's protobuf (SerializeToString, deterministic) from the same fields and numbers, written as a .proto.
type Golden = {readonly message: string; readonly json: unknown; readonly bytes: string};
const golden: readonly Golden[] = JSON.parse(
  readFileSync(new URL('golden/python-protobuf.json', import.meta.url), 'utf8'),
);

for (const [index, {message: name, json, bytes: base64}] of golden.entries()) {
  test(`the bytes of another implementation are ours, both ways: ${name} ${index}`, t => {
    const schema = MESSAGES[name] ?? schedulerCallSchema;
    const given = Buffer.from(base64, 'base64');
    t.deepEqual<unknown, unknown>(decodeProtobuf(schema, given), {ok: true, value: json});
    const value = decodeJson(schema, json);
    t.is(value.ok ? Buffer.from(encodeProtobuf(schema, value.value)).toString('base64') : '', base64);
  });
}

const everything = message({
  double: optional(1, double),
  int32: optional(2, int32),
  uint32: optional(3, uint32),
  int64: optional(4, int64),
  uint64: optional(5, uint64),
  bool: optional(6, bool),
  text: optional(7, text),
  bytes: optional(8, bytes),
  colour: optional(9, enumeration({RED: 0, BLUE: 2, AZURE: 2})),
  numbers: list(10, uint32),
  doubles: list(11, double),
  ids: list(16, idSchema),
  id: optional(17, message({a: optional(1, text), b: optional(2, text), list: list(3, text)})),
  byName: map(18, message({value: required(1, double)})),
});

const read = (text: string): unknown => {
  const decoded = decodeProtobuf(everything, ofHex(text));
  return decoded.ok ? decoded.value : decoded.error;
};

const rows: Readonly<Record<string, {bytes: string; want: unknown}>> = {
  'nothing at all': {bytes: '', want: {}},
  'a negative int32 in ten bytes': {bytes: '10 ffffffffffffffffff01', want: {int32: -1}},
  'a negative int64': {bytes: '20 fdffffffffffffffff01', want: {int64: -3}},
  'the largest uint64, rounded': {bytes: '28 ffffffffffffffffff01', want: {uint64: 2 ** 64}},
  'a number of more bytes than it needs': {bytes: '18 8100', want: {uint32: 1}},
  'any number but 0 is true': {bytes: '30 02', want: {bool: true}},
  'the first of two names of a number': {bytes: '48 02', want: {colour: 'BLUE'}},
  'an unknown enum value is unset': {bytes: '48 07', want: {}},
  'numbers one by one': {bytes: '50 01 50 02', want: {numbers: [1, 2]}},
  'numbers packed': {bytes: '52 03 01 ac02', want: {numbers: [1, 300]}},
  'packed and one by one': {bytes: '52 01 01 50 02', want: {numbers: [1, 2]}},
  'doubles packed': {bytes: '5a 10 000000000000f03f 0000000000000040', want: {doubles: [1, 2]}},
  'the last of two scalars counts': {bytes: '18 01 18 02', want: {uint32: 2}},
  'a message in two parts is merged': {
    bytes: '8a01 06 0a0161 1a0178  8a01 09 0a0162 120163 1a0179',
    want: {id: {a: 'b', b: 'c', list: ['x', 'y']}},
  },
  'unknown fields of each kind are passed over': {
    bytes: 'a006 01  a106 0102030405060708  a206 02 6161  a506 01020304  18 05',
    want: {uint32: 5},
  },
  'a known field laid out in another way is unknown': {bytes: '1a 01 61 38 01', want: {}},
  'of two entries with one key the last counts': {
    bytes: '9201 0e 0a0161 1209 09 000000000000f03f  9201 0e 0a0161 1209 09 0000000000000040',
    want: {byName: {a: {value: 2}}},
  },
  'a key that has a meaning in JavaScript': {
    bytes: '9201 16 0a09 5f5f70726f746f5f5f 1209 09 000000000000f03f',
    want: Object.fromEntries([['byName', Object.fromEntries([['__proto__', {value: 1}]])]]),
  },
  'an entry without a value lacks what its message needs': {
    bytes: '9201 03 0a0161',
    want: "Missing required field 'byName.a.value'",
  },
  'a list item without what it needs': {
    bytes: '8201 03 0a0161 8201 00',
    want: "Missing required field 'ids[1].value'",
  },
  'a group': {bytes: 'a306', want: 'groups are not supported'},
  'an unknown wire type': {bytes: 'a606', want: 'there is no wire type 6'},
  'field number 0': {bytes: '00 01', want: 'a field has no valid number'},
  'a number that is cut off': {bytes: '18 80', want: 'a number is cut off'},
  'a number without an end': {bytes: '18 ffffffffffffffffffff01', want: 'a number is longer than 10 bytes'},
  'a text that is cut off': {bytes: '3a 05 6161', want: 'a value of 5 bytes is cut off'},
  'a length of 2^63': {bytes: '3a 80808080808080808001', want: `a value of ${2 ** 63} bytes is cut off`},
  'a double that is cut off': {bytes: '09 00', want: 'a number is cut off'},
};
for (const [title, {bytes: given, want}] of Object.entries(rows)) {
  test(`protobuf: ${title}`, t => {
    t.deepEqual(read(given), want);
  });
}

test('fields are written in the order of their numbers, and what is unset is not', t => {
  const written = encodeProtobuf(everything, {text: 'é', uint32: 300, int32: -1, bytes: 'AP8=', ids: [{value: 'a'}]});
  t.is(hex(written), hex(ofHex('10 ffffffffffffffffff01 18 ac02 3a 02 c3a9 42 02 00ff 8201 03 0a0161')));
});

/** Any message of a schema, as decoded. */
function arbitrary(schema: TSchema): fc.Arbitrary<unknown> {
  const {wire, numbers, properties} = schema as {
    wire?: string;
    numbers?: Record<string, number>;
    properties?: Record<string, TSchema & {rule: string; of: TSchema}>;
  };
  const byType: Readonly<Record<string, () => fc.Arbitrary<unknown>>> = {
    double: () => fc.double({noNaN: true}),
    int32: () => fc.integer(),
    uint32: () => fc.nat({max: 2 ** 32 - 1}),
    int64: () => fc.maxSafeInteger(),
    uint64: () => fc.maxSafeNat(),
    bool: () => fc.boolean(),
    string: () => fc.string({unit: 'grapheme'}),
    bytes: () => fc.uint8Array().map(array => Buffer.from(array).toString('base64')),
    enum: () =>
      fc.constantFrom(
        ...new Map(
          Object.entries(numbers ?? {})
            .map(([k, v]) => [v, k])
            .reverse() as [number, string][],
        ).values(),
      ),
  };
  if (wire !== 'message') return byType[wire ?? '']?.() ?? fc.constant(undefined);
  const fields = Object.entries(properties ?? {}).map(([name, {rule, of}]) => {
    const item = arbitrary(of);
    const value =
      rule === 'list'
        ? fc.array(item, {minLength: 1, maxLength: 3})
        : rule === 'map'
          ? fc.dictionary(fc.string(), item, {minKeys: 1, maxKeys: 3, noNullPrototype: true})
          : item;
    return [name, rule === 'required' ? value : fc.option(value, {nil: undefined, freq: 2})] as const;
  });
  return fc
    .record(Object.fromEntries(fields))
    .map(record => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)));
}

for (const [name, schema] of Object.entries({everything, ...MESSAGES})) {
  test(`each ${name} comes back from protobuf as it was`, t => {
    const any = arbitrary(schema);
    t.notThrows(() => {
      fc.assert(
        fc.property(any, value => {
          const decoded = decodeProtobuf(schema, encodeProtobuf(schema, value as never));
          return decoded.ok && isDeepStrictEqual(decoded.value, value);
        }),
        {numRuns: name === 'everything' ? 300 : 40},
      );
    });
  });

  test(`a ${name} that is cut or changed at any byte is read or refused, never thrown at`, t => {
    const changed = fc.record({value: arbitrary(schema), at: fc.nat(), byte: fc.nat(255), cut: fc.boolean()});
    t.notThrows(() => {
      fc.assert(
        fc.property(changed, ({value, at, byte, cut}) => {
          const written = encodeProtobuf(schema, value as never);
          const place = at % (written.length + 1);
          if (place < written.length) written[place] = byte;
          decodeProtobuf(schema, cut ? written.subarray(0, place) : written);
          return true;
        }),
        {numRuns: 100},
      );
    });
  });
}

test('random bytes are read or refused, never thrown at', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.uint8Array({maxLength: 100}), given => {
        for (const schema of [everything, ...Object.values(MESSAGES)]) decodeProtobuf(schema, given);
        return true;
      }),
      {numRuns: 2000},
    );
  });
});

test('more fields than the limit are refused, known or not, packed or not', t => {
  const most = LIMITS.protobufValues.value;
  const refused = `Too much: fields of a body together: ${most} values at most (limit protobufValues), found ${most + 1} or more`;
  const unknown = new Uint8Array(2 * (most + 1)).map((_, index) => (index % 2 === 0 ? 0x58 : 0x01));
  t.deepEqual<unknown, unknown>(decodeProtobuf(idSchema, unknown), {ok: false, error: refused});
  const one = new Uint8Array(2 * (most + 1)).map((_, index) => (index % 2 === 0 ? 0x50 : 0x01));
  t.deepEqual<unknown, unknown>(decodeProtobuf(everything, one), {ok: false, error: refused});
  const packed = Uint8Array.of(0x52, 0xc0, 0x9a, 0x0c, ...new Uint8Array(most));
  t.deepEqual<unknown, unknown>(decodeProtobuf(everything, packed), {ok: false, error: refused});
});

test('a message in a hundred thousand parts is merged in linear time', t => {
  const parts = new Uint8Array(6 * 60_000);
  for (let at = 0; at < parts.length; at += 6) parts.set([0x8a, 0x01, 0x03, 0x1a, 0x01, 0x78], at);
  const decoded = decodeProtobuf(everything, parts);
  t.is(decoded.ok ? decoded.value.id?.list?.length : 0, 60_000);
});

test('the encoding follows the media type, parameters left out', t => {
  t.is(encodingOf('application/json; charset=utf-8')?.type, 'application/json');
  t.is(encodingOf('Application/X-Protobuf')?.type, 'application/x-protobuf');
  t.is(encodingOf('text/plain'), undefined);
  t.is(ENCODINGS[0]?.type, 'application/json');
});

for (const {type, decode, encode} of ENCODINGS) {
  test(`${type}: a call is read and written, and a body that is none is refused in a sentence`, t => {
    const call = {type: 'TEARDOWN', framework_id: {value: 'f'}} as const;
    t.deepEqual<unknown, unknown>(decode(schedulerCallSchema, encode(schedulerCallSchema, call)), {
      ok: true,
      value: call,
    });
    const broken = decode(schedulerCallSchema, Uint8Array.of(0x7b, 0xff));
    t.regex(broken.ok ? '' : broken.error, /^Failed to parse body into (JSON|protobuf): /);
  });
}
