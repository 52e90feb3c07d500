import test from 'ava';
import {MASTER_FLAGS} from '../../src/controller/flags.ts';
import {MARATHON_FLAGS} from '../../src/controller/marathon/flags.ts';
import type {FlagTable} from '../../src/lib/flags.ts';
import {AGENT_FLAGS} from '../../src/programs/agent-flags.ts';
import {CHART_VALUES} from '../../scripts/generate/chart/table.ts';

const TABLES: Readonly<Record<string, FlagTable>> = {
  master: MASTER_FLAGS,
  marathon: MARATHON_FLAGS,
  agent: AGENT_FLAGS,
};
const byPath = new Map(CHART_VALUES.map(value => [value.path, value]));

for (const [program, table] of Object.entries(TABLES)) {
  test(`the chart admits the defaults of ${program}'s flags, should somebody write them out`, t => {
    for (const [name, {fallback, type}] of Object.entries(table)) {
      const schema = byPath.get(`${program}.flags.${name}`)?.schema;
      if (schema === undefined || fallback === undefined) continue;
      const {pattern, minimum = -Infinity, maximum = Infinity} = schema;
      const text = type.format(fallback);
      if (typeof pattern === 'string') t.regex(text, new RegExp(pattern), name);
      if (Array.isArray(schema['enum'])) t.true(schema['enum'].includes(text), name);
      if (typeof fallback === 'number' && pattern === undefined)
        t.true(fallback >= Number(minimum) && fallback <= Number(maximum), name);
    }
  });
}

test('each value is there once, with a sentence that says what it is', t => {
  t.is(byPath.size, CHART_VALUES.length);
  for (const {path, help} of CHART_VALUES) t.regex(help, /^[A-Z].*[.)?]$/, path);
});
