import test from 'ava';
import {MASTER_FLAGS} from '../../src/controller/flags.ts';
import {formatFlags, parseFlags} from '../../src/lib/flags.ts';

test("defaults are Mesos's", t => {
  const flags = parseFlags(MASTER_FLAGS, {argv: []});
  if (!flags.ok) return t.fail(flags.error.join());
  t.like(formatFlags(MASTER_FLAGS, flags.value), {
    port: '5050',
    agent_ping_timeout: '15secs',
    max_agent_ping_timeouts: '5',
    allocation_interval: '1secs',
    min_allocatable_resources: 'cpus:0.01|mem:32',
    filter_gpu_resources: 'true',
    root_submissions: 'true',
  });
  t.is(flags.value.offer_timeout, undefined);
});

const accepted = {
  '--min_allocatable_resources=cpus:1;mem:64|disk:10': {min_allocatable_resources: 'cpus:1;mem:64|disk:10'},
  '--domain={"fault_domain":{"region":{"name":"eu"},"zone":{"name":"a"}}}': {
    domain: '{"fault_domain":{"region":{"name":"eu"},"zone":{"name":"a"}}}',
  },
  '--offer_timeout=1.5mins': {offer_timeout: '90secs'},
  '--no-root_submissions': {root_submissions: 'false'},
};
for (const [argument, want] of Object.entries(accepted)) {
  test(`takes ${argument}`, t => {
    const flags = parseFlags(MASTER_FLAGS, {argv: [argument]});
    t.like(flags.ok ? formatFlags(MASTER_FLAGS, flags.value) : {}, want);
  });
}

const refused = {
  '--agent_ping_timeout=500ms': '--agent_ping_timeout: want a duration from 1secs to 15mins, got "500ms"',
  '--max_agent_ping_timeouts=0': '--max_agent_ping_timeouts: want a whole number of 1 or more, got "0"',
  '--min_allocatable_resources=cpus': '--min_allocatable_resources: want amounts such as cpus:0.01|mem:32, got "cpus"',
  '--allocation_interval=0secs': '--allocation_interval: want a duration of 1ms or more, got "0secs"',
};
for (const [argument, want] of Object.entries(refused)) {
  test(`refuses ${argument}`, t => {
    const flags = parseFlags(MASTER_FLAGS, {argv: [argument]});
    t.deepEqual(flags.ok ? [] : flags.error, [want]);
  });
}

test('refuses a domain that is none', t => {
  const flags = parseFlags(MASTER_FLAGS, {argv: ['--domain={"region":"eu"}']});
  t.regex(flags.ok ? '' : (flags.error[0] ?? ''), /^--domain: want JSON such as/);
});

test('sizes in Mesos’s form, host paths that are paths', t => {
  const read = (...argv: string[]) => parseFlags(MASTER_FLAGS, {argv});
  const given = read('--fetcher_max_size=3GB', '--allow_host_paths=/srv, /opt/x');
  t.true(given.ok);
  if (given.ok) {
    t.is(given.value.fetcher_max_size, 3 * 2 ** 30);
    t.is(MASTER_FLAGS.fetcher_max_size.type.format(given.value.fetcher_max_size), '3GB');
    t.is(MASTER_FLAGS.fetcher_max_size.type.format(1500), '1500B');
    t.deepEqual(given.value.allow_host_paths, ['/srv', '/opt/x']);
  }
  for (const path of ['srv', '/a/../b']) {
    const refused = read(`--allow_host_paths=${path}`);
    const want = `--allow_host_paths: want absolute paths without .. separated by commas, got "${path}"`;
    t.deepEqual(refused.ok ? [] : refused.error, [want]);
  }
});
