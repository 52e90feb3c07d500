import test from 'ava';
import {flag, flagTypes, formatFlags, helpText, operand, parseFlags, required, unset} from '../../src/lib/flags.ts';
import {ok} from '../../src/lib/result.ts';

const table = {
  port: flag(flagTypes.port, 5050, 'Where to listen.'),
  allocation_interval: flag(flagTypes.duration, 1000, 'Between two periodic runs.'),
  offer_timeout: unset(flagTypes.duration, 'An offer is rescinded after it.'),
  filter_gpu_resources: flag(flagTypes.boolean, true, 'Show GPU agents to GPU frameworks only.'),
  sorter: flag(flagTypes.oneOf('drf', 'random'), 'drf', 'Who is next.'),
};

const values = {
  'nothing given: the defaults': {
    sources: {argv: []},
    want: {port: 5050, allocation_interval: 1000, offer_timeout: undefined},
  },
  'dashes are underscores': {sources: {argv: ['--allocation-interval=2secs']}, want: {allocation_interval: 2000}},
  'a value may be the next word': {
    sources: {argv: ['--port', '0', '--sorter', 'random']},
    want: {port: 0, sorter: 'random'},
  },
  'a boolean stands alone, or negated': {
    sources: {argv: ['--no-filter_gpu_resources']},
    want: {filter_gpu_resources: false},
  },
  'the environment is below the command line': {
    sources: {
      argv: ['--port=1'],
      environment: {MESOS_PORT: '2', MESOS_OFFER_TIMEOUT: '1.5mins'},
      environmentPrefixes: ['MESOS_'],
    },
    want: {port: 1, offer_timeout: 90_000},
  },
  'a directory is below the environment': {
    sources: {
      argv: [],
      environment: {MESOS_PORT: '2'},
      environmentPrefixes: ['MESOS_'],
      directory: new Map([
        ['port', '3\n'],
        ['?no-filter_gpu_resources', ''],
      ]),
    },
    want: {port: 2, filter_gpu_resources: false},
  },
  'file:// reads the file': {sources: {argv: ['--port=file:///p'], readFile: () => ok('7\n')}, want: {port: 7}},
};
for (const [title, {sources, want}] of Object.entries(values)) {
  test(title, t => {
    const parsed = parseFlags(table, sources);
    t.like(parsed.ok ? parsed.value : parsed.error, want);
  });
}

const mistakes = {
  'an unknown flag, with the near one': {
    argv: ['--prot=1'],
    want: ['--prot: there is no such flag, did you mean --port? (see --help)'],
  },
  'no flag at all': {argv: ['5050'], want: ['"5050" is not a flag: flags begin with -- (see --help)']},
  'a port too large': {argv: ['--port=70000'], want: ['--port: want a port from 0 to 65535, got "70000"']},
  'no value': {argv: ['--port'], want: ['--port: want a port from 0 to 65535, got nothing']},
  'a duration without unit': {
    argv: ['--allocation_interval=1'],
    want: ['--allocation_interval: want a number and one of ns us ms secs mins hrs days weeks, as in 15secs, got "1"'],
  },
  'two at once': {
    argv: ['--port=x', '--sorter=y'],
    want: ['--port: want a port from 0 to 65535, got "x"', '--sorter: want one of drf, random, got "y"'],
  },
};
for (const [title, {argv, want}] of Object.entries(mistakes)) {
  test(title, t => {
    const parsed = parseFlags(table, {argv});
    t.deepEqual(parsed.ok ? [] : parsed.error, want);
  });
}

test('a required flag that is missing is named with its help', t => {
  const parsed = parseFlags({master: required(flagTypes.text, 'Where the master is.')}, {argv: []});
  t.deepEqual(parsed, {ok: false, error: ['--master is required: Where the master is.']});
});

test('flags are shown as text, unset ones left out', t => {
  const parsed = parseFlags(table, {argv: ['--allocation_interval=1500ms']});
  t.deepEqual(parsed.ok && formatFlags(table, parsed.value), {
    port: '5050',
    allocation_interval: '1500ms',
    filter_gpu_resources: 'true',
    sorter: 'drf',
  });
});

test('help names every flag with its default', t => {
  t.regex(helpText('usage', table), /--port=VALUE\n {8}Where to listen. \[5050]/);
});

test('a word that belongs to no flag is the value of the operand, wherever it stands', t => {
  const reads = {
    file: operand(required(flagTypes.text, 'What to read.')),
    until: unset(flagTypes.duration, 'Its end.'),
  };
  for (const argv of [
    ['a.jsonl', '--until', '1mins'],
    ['--until=1mins', 'a.jsonl'],
    ['--file=a.jsonl', '--until=1mins'],
  ]) {
    t.deepEqual(parseFlags(reads, {argv}), ok({file: 'a.jsonl', until: 60_000}));
  }
  const twice = parseFlags(reads, {argv: ['a.jsonl', 'b.jsonl']});
  t.deepEqual(!twice.ok && twice.error, ['"b.jsonl" is not a flag: flags begin with -- (see --help)']);
});

test('what is known not to work is refused in the environment too, under its own prefix alone', t => {
  const sources = {
    argv: [],
    environment: {A_OLD: 'x', B_OLD: 'y', A_PORT: '5051'},
    environmentPrefixes: ['A_', 'B_'],
    unsupported: {old: {reason: 'it is new'}, port: {reason: 'no port'}},
    unsupportedPrefix: 'A_',
  };
  t.deepEqual(parseFlags(table, sources), {ok: false, error: ['A_OLD: not supported: it is new']});
  const {A_OLD: _old, ...others} = sources.environment;
  t.like(parseFlags(table, {...sources, environment: others}), {ok: true, value: {port: 5051}});
});
