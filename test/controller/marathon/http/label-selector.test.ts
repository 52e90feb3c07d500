import test from 'ava';
import {parseLabelSelector} from '../../../../src/controller/marathon/http/label-selector.ts';

const labels = {tier: 'front', 'a,b': 'x y', in: '1'};

const rows: Record<string, boolean> = {
  tier: true,
  none: false,
  'tier==front': true,
  'tier == front': true,
  'tier==back': false,
  'tier!=back': true,
  'tier!=front': false,
  'none!=front': false,
  'tier in (front, back)': true,
  'tier in(back)': false,
  'tier notin (back)': true,
  'none notin (back)': false,
  'tier in ()': false,
  'tier,none': false,
  'tier , in': true,
  'tier==front,in in (1,2),a\\,b==x\\ y': true,
  toString: false,
};
for (const [selector, want] of Object.entries(rows)) {
  test(`${selector} is ${want}`, t => {
    const parsed = parseLabelSelector(selector);
    if (!parsed.ok) return t.fail(parsed.error);
    t.is(parsed.value(labels), want);
  });
}

for (const selector of ['', 'a,', ',a', 'a==', 'a=b', 'a in', 'a in (b', 'a in b', 'a b', 'ä', 'a==b==c', 'a\\']) {
  test(`"${selector}" is no selector`, t => {
    t.false(parseLabelSelector(selector).ok);
  });
}
