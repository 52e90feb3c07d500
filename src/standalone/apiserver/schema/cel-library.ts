import {Environment} from '@marcbachmann/cel-js';
import {RE2JS} from 're2js';
import {matches, OURS} from './cel-matches.ts';
import {hasFormat} from './format.ts';

const found = (text: string, pattern: string): string => RE2JS.compile(pattern).exec(text)?.[0] ?? '';

function findAll(text: string, pattern: string, limit: bigint): string[] {
  const all = [...RE2JS.compile(pattern).matchAll(text)].map(match => match[0]);
  return limit < 0n ? all : all.slice(0, Number(limit));
}

function replaceSome(text: string, from: string, to: string, limit: bigint): string {
  const parts = text.split(from);
  const count = limit < 0n ? parts.length - 1 : Math.min(Number(limit), parts.length - 1);
  return [...parts.slice(0, count).flatMap(part => [part, to]), parts.slice(count).join(from)].join('');
}

function withStrings(env: Environment): Environment {
  return env
    .registerFunction(`string.${OURS}(string): bool`, matches)
    .registerFunction(`${OURS}(string, string): bool`, matches)
    .registerFunction('string.find(string): string', found)
    .registerFunction('string.findAll(string): list<string>', (text: string, pattern: string) =>
      findAll(text, pattern, -1n),
    )
    .registerFunction('string.findAll(string, int): list<string>', findAll)
    .registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) =>
      text.replaceAll(from, () => to),
    )
    .registerFunction('string.replace(string, string, int): string', replaceSome)
    .registerFunction('string.charAt(int): string', (text: string, at: bigint) => text.charAt(Number(at)));
}

type Ordered = bigint | number | string | boolean;

const smallest = (list: readonly Ordered[], sign: 1 | -1): Ordered => {
  const [first, ...rest] = list;
  if (first === undefined) throw new RangeError(`${sign === 1 ? 'min' : 'max'} called on empty list`);
  return rest.reduce((best, item) => ((sign === 1 ? item < best : item > best) ? item : best), first);
};

const isSorted = (list: readonly Ordered[]): boolean =>
  list.every((item, index) => {
    const before = list[index - 1];
    return before === undefined || before <= item;
  });

function withLists(env: Environment): Environment {
  for (const type of ['int', 'double', 'string', 'bool']) {
    env
      .registerFunction(`list<${type}>.isSorted(): bool`, isSorted)
      .registerFunction(`list<${type}>.min(): ${type}`, (list: readonly Ordered[]) => smallest(list, 1))
      .registerFunction(`list<${type}>.max(): ${type}`, (list: readonly Ordered[]) => smallest(list, -1))
      .registerFunction(`list<${type}>.indexOf(${type}): int`, (list: readonly Ordered[], item: Ordered) =>
        BigInt(list.indexOf(item)),
      )
      .registerFunction(`list<${type}>.lastIndexOf(${type}): int`, (list: readonly Ordered[], item: Ordered) =>
        BigInt(list.lastIndexOf(item)),
      );
  }
  return env
    .registerFunction('list<int>.sum(): int', (list: readonly bigint[]) => list.reduce((sum, item) => sum + item, 0n))
    .registerFunction('list<double>.sum(): double', (list: readonly number[]) =>
      list.reduce((sum, item) => sum + item, 0),
    );
}

function withUrls(env: Environment): Environment {
  return env
    .registerFunction('isURL(string): bool', (text: string) => text.startsWith('/') || URL.canParse(text))
    .registerFunction('isIP(string): bool', (text: string) => hasFormat('ipv4', text) || hasFormat('ipv6', text))
    .registerFunction('isCIDR(string): bool', (text: string) => hasFormat('cidr', text));
}

/**
 * What rules may call beyond CEL's standard: the extensions of Kubernetes that rules commonly use. Not there: url,
 * quantity, ip, semver and format libraries; a rule that calls them is refused with its CRD.
 */
export const CEL_BASE = withUrls(
  withLists(
    withStrings(
      new Environment({unlistedVariablesAreDyn: false, enableOptionalTypes: true, homogeneousAggregateLiterals: false}),
    ),
  ),
);
