import test from 'ava';
import {OPENAPI_V2} from '../../../src/standalone/apiserver/openapi/v2.ts';

test('version 2 is an empty document, byte for byte', t => {
  t.is(OPENAPI_V2, '\n\u00032.0\u0012\u0010\n\nKubernetes\u0012\u0002v1B\u0000');
});
