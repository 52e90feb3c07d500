import {LIMITS} from '../../src/lib/limits.ts';

/** docs/reference/limits.md: how much is taken of what comes from outside. */
export const limitFiles = (): [path: string, content: string][] => [['docs/reference/limits.md', page()]];

function page(): string {
  return [
    '# Limits',
    '',
    '<!-- Made from src/lib/limits.ts by `npm run generate`. Do not edit. -->',
    '',
    'More than that is refused, with the name of the limit, its value and what was found. An object that was stored before a limit held is set aside with the condition InvalidSpec.',
    '',
    '| limit | value | unit | of what | where it holds |',
    '|---|---|---|---|---|',
    ...Object.entries(LIMITS).map(
      ([name, {value, unit, bounds, where}]) =>
        `| \`${name}\` | ${value.toLocaleString('en-US')} | ${unit} | ${bounds} | ${where} |`,
    ),
    '',
  ].join('\n');
}
