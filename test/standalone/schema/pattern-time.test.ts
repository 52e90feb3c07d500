import test from 'ava';
import {compileRules, ruleCauses} from '../../../src/standalone/apiserver/schema/cel.ts';
import type {Schema} from '../../../src/standalone/apiserver/schema/schema.ts';
import {valueCauses} from '../../../src/standalone/apiserver/schema/validate.ts';

test('the pattern of anybody’s CRD takes time linear in the text', t => {
  const schema = {type: 'string', pattern: '^(a+)+$'} as const;
  t.deepEqual(valueCauses(schema, 'a'.repeat(1000), 'x'), []);
  t.is(valueCauses(schema, `${'a'.repeat(1000)}!`, 'x').length, 1);
});

/** A kind of somebody else's whose objects have a text. */
const withRule = (rule: string, messageExpression?: string): Schema => ({
  type: 'object',
  properties: {
    text: {type: 'string', 'x-kubernetes-validations': [{rule, messageExpression, message: 'no match'}]},
  },
});
const refusals = (rule: string, text: string, message?: string): readonly string[] =>
  ruleCauses(withRule(rule, message), {text}, undefined, []).map(cause => cause.message);

test('the rule of anybody’s CRD takes time linear in the text', t => {
  for (const rule of ["self.matches('^(a+)+$')", "matches(self, '^(a+)+$')", "self . matches ('^(a+)+$')"]) {
    t.deepEqual(refusals(rule, 'a'.repeat(1000)), [], rule);
    t.regex(refusals(rule, `${'a'.repeat(1000)}!`).join(), /no match/, rule);
  }
  const made = `self.matches('^(a+)+$') ? 'one' : (self.matches('^(a|a)+!$') ? 'two' : 'three')`;
  t.regex(refusals('false', `${'a'.repeat(1000)}!`, made).join(), /two/);
});

test('an expression that is none is an error of the rule', t => {
  t.regex(refusals("self.matches('(')", 'a').join(), /evaluating rule/);
});

const literals = {
  'a text in quotes': `self == "x.matches('y')"`,
  'a text with a quote in it': `self == 'x\\'.matches(1)' || self == "x.matches('y')"`,
  'a text in three quotes': `self == """x.matches('y')"""`,
  'a comment': `self == "x.matches('y')" // self.matches(1)`,
  'a name that begins so': `["x.matches('y')"].exists(matchesAll, matchesAll == self)`,
};
for (const [title, rule] of Object.entries(literals)) {
  test(`what only looks like a call stays as it is: ${title}`, t => {
    t.deepEqual(refusals(rule, "x.matches('y')"), []);
  });
}

test('a rule that can’t be compiled is told with the name that it has', t => {
  const {properties} = withRule('self.matches(1)');
  const [compiled] = compileRules(properties?.['text'] ?? {});
  t.regex(compiled?.ok === false ? compiled.error.message : '', /matches\(/);
  t.notRegex(compiled?.ok === false ? compiled.error.message : '', /Re2/);
});
