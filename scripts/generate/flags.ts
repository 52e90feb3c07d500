import {UNSUPPORTED_FLAGS} from '../../src/controller/marathon/unsupported-flags.ts';
import type {FlagTable} from '../../src/lib/flags.ts';
import {PROGRAMS} from '../../src/programs/programs.ts';

/** docs/reference/flags.md: every flag of every program. */
export const flagFiles = (): [path: string, content: string][] => [['docs/reference/flags.md', page()]];

function page(): string {
  return [
    '# Flags',
    '',
    '<!-- Made from the flag tables by `npm run generate`. Do not edit. -->',
    '',
    'A flag is given as `--name=value`, `--name value`, `--name` or `--no-name` (booleans); dashes and underscores are the same.',
    'The same name in upper case with the prefix `MESOS_` (for Marathon’s also `MARATHON_`) is read from the environment; the command line wins.',
    'A value `file:///path` is read from that file. `--flags_dir` names directories, separated by commas, with a file for each flag (`?name` or `?no-name`, empty, for booleans).',
    '',
    'Controllers and the standalone read `/etc/marathon/conf` where it is there and `--flags_dir` is not given.',
    '',
    ...Object.entries(PROGRAMS).flatMap(([name, program]) => [
      `## mesos ${name}`,
      '',
      program.summary,
      '',
      ...table(program.flags),
      '',
    ]),
    '## Flags of Marathon that are refused',
    '',
    'Given on the command line, as `MARATHON_<NAME>` or as a file, they are named with the reason.',
    '',
    '| flag | why |',
    '|---|---|',
    ...Object.entries(UNSUPPORTED_FLAGS).map(([name, {reason}]) => `| \`--${name}\` | ${reason} |`),
    '',
  ].join('\n');
}

const table = (flags: FlagTable): string[] => [
  '| flag | default | meaning |',
  '|---|---|---|',
  ...Object.entries(flags).map(
    ([name, flag]) =>
      `| \`--${name}\` | ${flag.fallback === undefined ? (flag.required ? '**required**' : '') : `\`${flag.type.format(flag.fallback)}\``} | ${flag.help.replaceAll('|', '\\|')} Wants ${flag.type.want}. |`,
  ),
];
