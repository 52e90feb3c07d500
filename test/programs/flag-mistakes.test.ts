import {execFile} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {type FlagTable, parseFlags} from '../../src/lib/flags.ts';
import {PROGRAMS} from '../../src/programs/programs.ts';

const MESOS = fileURLToPath(new URL('../../bin/mesos.js', import.meta.url));

/** What is wrong with these arguments of a program, in its own words. */
function mistakesOf(name: string, argv: readonly string[]): readonly string[] {
  const program = PROGRAMS[name];
  if (program === undefined) throw new Error(name);
  const parsed = parseFlags<FlagTable>(program.flags, {argv});
  return parsed.ok ? program.mistakes(parsed.value) : parsed.error;
}

/** What no flag that counts, measures or times takes. */
const NO_NUMBERS = ['', 'x', '5 secs', 'NaN', 'Infinity', '0x', '1e', '--', '९', 'secs', '-1weeks', '9'.repeat(400)];
const isMeasured = /^a (duration|whole number|port|number|size)\b/;

for (const [name, {flags}] of Object.entries(PROGRAMS)) {
  const measured = Object.entries(flags).filter(([, {type}]) => isMeasured.test(type.want));
  if (measured.length > 0)
    test(`${name}: every flag that wants a number or a duration says so of what is none`, t => {
      const needed = Object.entries(flags).filter(([, {required}]) => required === true);
      const rest = needed.map(([flag]) => `--${flag}=x`);
      for (const [flag] of measured) {
        for (const text of NO_NUMBERS) {
          const [mistake = 'none', ...others] = mistakesOf(name, [...rest, `--${flag}=${text}`]);
          t.true(mistake.startsWith(`--${flag}: want `), `--${flag}=${text}: ${mistake}`);
          t.deepEqual(others, []);
        }
      }
    });

  test(`${name}: its own defaults are no mistake`, t => {
    const rest = Object.entries(flags).flatMap(([flag, {required}]) => (required === true ? [`--${flag}=x`] : []));
    t.deepEqual(mistakesOf(name, rest), []);
  });
}

const rows: Record<string, {program: string; argv: readonly string[]; want: readonly string[]}> = {
  'a Lease that ends before its leader does': {
    program: 'controller',
    argv: ['--lease_duration=5secs'],
    want: ['--lease_duration: want more than --lease_renew_deadline=10secs, got "5secs"'],
  },
  'a Lease as long as its leader acts': {
    program: 'controller',
    argv: ['--lease_duration=10secs'],
    want: ['--lease_duration: want more than --lease_renew_deadline=10secs, got "10secs"'],
  },
  'no second attempt to renew': {
    program: 'controller',
    argv: ['--lease_retry_period=9secs'],
    want: ['--lease_renew_deadline: want more than 1.2 times --lease_retry_period=9secs, got "10secs"'],
  },
  'no time at all': {
    program: 'controller',
    argv: ['--lease_retry_period=0ns'],
    want: ['--lease_retry_period: want a duration from 50ms to 1hrs, got "0ns"'],
  },
  'a duration that no clock could add': {
    program: 'controller',
    argv: ['--allocation_interval=99999999weeks'],
    want: ['--allocation_interval: want a duration of at most 36500days, got "99999999weeks"'],
  },
  'ports the wrong way round': {
    program: 'standalone',
    argv: ['--local_port_min=20001'],
    want: ['--local_port_min: want a port of at most --local_port_max=20000, got "20001"'],
  },
  'an agent that would renew without a pause': {
    program: 'agent',
    argv: ['--name=a', '--agent_ping_timeout=0ns'],
    want: ['--agent_ping_timeout: want a duration from 1secs to 15mins, got "0ns"'],
  },
  'resources of an agent that are none': {
    program: 'agent',
    argv: ['--name=a', '--resources=cpus:x'],
    want: [
      '--resources: want resources such as cpus:4;mem:8192;ports:[31000-32000], got "cpus:x": want a number for cpus, got "x"',
    ],
  },
  'resources that the master would not read': {
    program: 'agent',
    argv: ['--name=a', '--resources=[{"name":"cpus"}]'],
    want: [
      `--resources: want resources such as cpus:4;mem:8192;ports:[31000-32000], got "[{"name":"cpus"}]": resources: Missing required field 'resources[0].type'`,
    ],
  },
  'attributes that the master would not read': {
    program: 'agent',
    argv: ['--name=a', '--attributes=rack'],
    want: ['--attributes: want attributes such as rack:r1;zone:a, got "rack": want NAME:VALUE, got "rack"'],
  },
  'an estimate that is none': {
    program: 'agent',
    argv: ['--name=a', '--oversubscribed=ports:[1-2]'],
    want: [
      '--oversubscribed: want amounts such as cpus:2;mem:512, got "ports:[1-2]": oversubscribed: want scalars without a role, as in cpus:2, got ports',
    ],
  },
  'resources of every agent of a laptop': {
    program: 'standalone',
    argv: ['--agent_resources=mem'],
    want: [
      '--agent_resources: want resources such as cpus:4;mem:8192;ports:[31000-32000], got "mem": want <name>:<value>, got "mem"',
    ],
  },
};
for (const [title, {program, argv, want}] of Object.entries(rows)) {
  test(`${program}: ${title}`, t => {
    t.deepEqual(mistakesOf(program, argv), want);
  });
}

test('a mistake ends the program with that sentence alone: no stack', async t => {
  const [code, said] = await new Promise<[unknown, string]>(resolve => {
    const environment = {...process.env, MESOS_LEASE_DURATION: '5secs'};
    execFile(process.execPath, [MESOS, 'controller'], {env: environment}, (error, _stdout, stderr) =>
      resolve([error?.code, stderr]),
    );
  });
  t.is(code, 2);
  t.is(said, 'mesos: --lease_duration: want more than --lease_renew_deadline=10secs, got "5secs"\n');
});

test('what a program did not foresee is one line, too', async t => {
  const nowhere = ['--sandbox=/nowhere', '--fetcher_info={}'];
  const [code, said] = await new Promise<[unknown, string]>(resolve => {
    execFile(process.execPath, [MESOS, 'fetch', ...nowhere], (error, _stdout, stderr) =>
      resolve([error?.code, stderr]),
    );
  });
  t.is(code, 1);
  t.regex(said, /^mesos: fetch failed: ENOENT.*\n$/);
});
