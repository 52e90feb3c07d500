import {decodeJson} from '../api/mesos/v1/json.ts';
import {domainInfoSchema} from '../api/mesos/v1/resources.ts';
import {type FlagTable, type FlagType, type FlagValues, flag, flagTypes, unset} from '../lib/flags.ts';
import {jsonOf} from '../lib/json-text.ts';
import {err, ok, type Result} from '../lib/result.ts';
import {formatDuration} from '../lib/units.ts';
import {HOST_NETWORK_RULES, SECURITY_LEVELS, TASK_RULES, type TaskRule} from '../crds/task-policy.ts';
import {BASELINE_CAPABILITIES} from './mesos/pods/policy.ts';
import {ACCESS_FLAGS} from './web/access-flags.ts';

/** Scalar amounts by resource name: `cpus` in cores, `mem` and `disk` in MiB. */
export type Amounts = ReadonlyMap<string, number>;

const AMOUNT = '\\s*[\\w.-]+:\\d+(\\.\\d+)?\\s*';

/** `cpus:0.01|mem:32`: any of the sets suffices; `;` within a set means that all of its amounts are needed. */
const minAllocatable: FlagType<readonly Amounts[]> = {
  want: 'amounts such as cpus:0.01|mem:32',
  parse: text => {
    const sets: Amounts[] = [];
    for (const part of text === '' ? [] : text.split('|')) {
      const amounts = parseAmounts(part);
      if (!amounts.ok) return err(`want amounts such as cpus:0.01|mem:32, got "${text}"`);
      sets.push(amounts.value);
    }
    return ok(sets);
  },
  format: sets => sets.map(set => [...set].map(([name, amount]) => `${name}:${amount}`).join(';')).join('|'),
  schema: {type: 'string', pattern: `^(${AMOUNT}([;|]${AMOUNT})*)?$`},
};

function parseAmounts(text: string): Result<Amounts, undefined> {
  const amounts = new Map<string, number>();
  for (const term of text.split(';')) {
    const match = /^\s*([\w.-]+):(\d+(?:\.\d+)?)\s*$/.exec(term);
    if (match === null) return err(undefined);
    amounts.set(match[1] ?? '', Number(match[2]));
  }
  return ok(amounts);
}

/** So many in so much time. */
type RateLimit = {readonly count: number; readonly perMs: number} | 'none';

const rateLimit: FlagType<RateLimit> = {
  want: 'a number and a duration such as 1/10mins, or none',
  parse: text => {
    if (text === 'none') return ok('none');
    const [, count = '', per = ''] = /^([0-9]+)\/(.+)$/.exec(text) ?? [];
    const perMs = flagTypes.duration.parse(per);
    return Number(count) >= 1 && perMs.ok && perMs.value > 0
      ? ok({count: Number(count), perMs: perMs.value})
      : err(`want a number and a duration such as 1/10mins, or none, got "${text}"`);
  },
  format: limit => (limit === 'none' ? limit : `${limit.count}/${formatDuration(limit.perMs)}`),
  schema: {type: 'string', pattern: '^(none|[1-9][0-9]*/[0-9]*[.]?[0-9]+(ns|us|ms|secs|mins|hrs|days|weeks))$'},
};

type Domain = {readonly region: string; readonly zone: string};

const domain: FlagType<Domain> = {
  want: 'JSON such as {"fault_domain":{"region":{"name":"r"},"zone":{"name":"z"}}}',
  parse: text => {
    const decoded = decodeJson(domainInfoSchema, jsonOf(text));
    const place = decoded.ok ? decoded.value.fault_domain : undefined;
    if (place === undefined) return err(`want ${domain.want}, got "${text}"`);
    return ok({region: place.region.name, zone: place.zone.name});
  },
  schema: {type: 'string', pattern: '^\\s*\\{[\\s\\S]*\\}\\s*$'},
  format: ({region, zone}) => JSON.stringify({fault_domain: {region: {name: region}, zone: {name: zone}}}),
};

/** The namespace's default of a rule of what tasks may do; a MesosRole can say otherwise for its role. */
const allows = (rule: TaskRule): string =>
  `What tasks may do, where no MesosRole says otherwise (spec.tasks.${rule}). ${TASK_RULES[rule].allows}`;

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** A size such as `4096B` or `2GB`, in bytes. */
const size: FlagType<number> = {
  want: 'a size such as 4096B',
  parse: text => {
    const match = /^(\d+)(B|KB|MB|GB|TB)$/.exec(text);
    if (match === null) return err(`want a size such as 4096B, got "${text}"`);
    return ok(Number(match[1]) * 1024 ** UNITS.indexOf(match[2] ?? 'B'));
  },
  format: bytes => {
    const power = UNITS.findLastIndex((_, index) => bytes >= 1024 ** index && bytes % 1024 ** index === 0);
    return `${bytes / 1024 ** Math.max(0, power)}${UNITS[Math.max(0, power)]}`;
  },
  schema: {type: 'string', pattern: '^\\d+(B|KB|MB|GB|TB)$'},
};

/** No segment is `..`; written out, since the chart's schema knows no look-ahead. */
const PATH = '(/([^/,.][^/,]*|[.][^/,.][^/,]*|[.][.][^/,]+|[.])?)+';
const ROLE = '[*]|[^/\\s,*-][^/\\s,]*(/[^/\\s,*-][^/\\s,]*)*';
const pathList = flagTypes.words('absolute paths without .. separated by commas', PATH);
const names = flagTypes.words('names of Secrets separated by commas', '[a-z0-9]([a-z0-9.-]*[a-z0-9])?');
const capabilities = flagTypes.words('capabilities without CAP_ separated by commas', '[A-Z][A-Z0-9_]*');
const roleList = flagTypes.words('roles separated by commas', ROLE);

/** A part of a whole. */
const ratio: FlagType<number> = {
  want: 'a number from 0 to 1',
  parse: text => {
    const value = Number(text);
    return text.trim() !== '' && value >= 0 && value <= 1 ? ok(value) : err(`want a number from 0 to 1, got "${text}"`);
  },
  format: String,
  schema: {type: 'number', minimum: 0, maximum: 1},
};

const sorter = flagTypes.oneOf('drf', 'random');
const above0 = flagTypes.durationWithin(1);
const flags = <const Table extends FlagTable>(table: Table): Table => table;

/** The master's options: Mesos's own names and defaults where the meaning is the same. Durations in milliseconds. */
export const MASTER_FLAGS = flags({
  ip: flag(flagTypes.host, '0.0.0.0', 'Address on which the master answers over HTTP.'),
  port: flag(flagTypes.port, 5050, 'Port on which the master answers over HTTP; 0 takes a free one.'),
  advertise_ip: unset(flagTypes.host, 'Address that others are told, when it is not the one above.'),
  advertise_port: unset(flagTypes.port, 'Port that others are told, when it is not the one above.'),
  hostname: unset(flagTypes.host, 'Host name that others are told.'),
  allowed_hosts: flag(
    flagTypes.list,
    [],
    'Names under which browsers reach both ports, besides --hostname, localhost and addresses. Set: other names are refused everywhere; not set: on the loopback interface alone.',
  ),
  ...ACCESS_FLAGS,
  cluster: unset(flagTypes.text, 'Name of the cluster in /state and in the web UI.'),
  domain: unset(
    domain,
    "The master's fault domain; agents of another region are shown to REGION_AWARE frameworks only. Unset: the domain of the MesosAgent of --node_name.",
  ),
  node_name: unset(
    flagTypes.text,
    'The Kubernetes node that the master runs on; the chart sets it. Without it and --domain, all agents that have a domain count as of another region.',
  ),
  agent_ping_timeout: flag(
    flagTypes.durationWithin(1000, 900_000),
    15_000,
    'How often an agent has to show that it lives; it renews its Lease three times as often.',
  ),
  max_agent_ping_timeouts: flag(flagTypes.count(1), 5, 'Missed pings in a row after which an agent is unreachable.'),
  agent_removal_rate_limit: flag(
    rateLimit,
    {count: 1, perMs: 60_000},
    'So many silent agents may become unreachable in so much time: a brake when many fall silent together.',
  ),
  watch_nodes: flag(
    flagTypes.boolean,
    true,
    'An agent that is silent while Kubernetes calls its node ready keeps its tasks, and gets no offers. Needs the right to list and watch nodes; without it the master says so once and goes on.',
  ),
  allocation_interval: flag(above0, 1000, 'Time between two allocation runs over all agents.'),
  offer_freed_at_once: flag(
    flagTypes.boolean,
    true,
    'Offer at once what ended tasks, partly used offers and departed frameworks leave, not in the next run over all agents.',
  ),
  min_allocatable_resources: flag(
    minAllocatable,
    [new Map([['cpus', 0.01]]), new Map([['mem', 32]])],
    'The least an offer must hold; | separates alternatives.',
  ),
  fair_sharing_excluded_resource_names: flag(flagTypes.list, [], 'Resources that do not count for dominant shares.'),
  filter_gpu_resources: flag(flagTypes.boolean, true, 'Show agents with GPUs to GPU_RESOURCES frameworks only.'),
  role_sorter: flag(sorter, 'drf', 'Which role is asked first: the one with the smallest share, or one by lot.'),
  framework_sorter: flag(sorter, 'drf', 'The same among the frameworks of a role.'),
  allocator_agent_recovery_factor: flag(
    ratio,
    0.8,
    'With quota, nothing is offered after a failover before this part of the agents is back.',
  ),
  allocator_recovery_timeout: flag(above0, 600_000, 'The longest that offers are held back for that.'),
  allocator_journal: unset(
    flagTypes.text,
    'File to write down what the allocator is told, for mesos replay; the one before is kept as FILE.1.',
  ),
  allocator_journal_max_bytes: flag(flagTypes.count(1024 * 1024), 256 * 1024 * 1024, 'When the next such file begins.'),
  allocator_journal_size: flag(
    flagTypes.count(0),
    20_000,
    'Latest inputs of the allocator, and offers made, to keep in memory for GET /allocator/journal; 0 keeps none.',
  ),
  offer_constraints_re2_max_program_size: flag(
    flagTypes.count(1),
    100,
    'Steps that a regular expression in offer constraints may have.',
  ),
  offer_constraints_re2_max_mem: flag(size, 4096, 'How long a regular expression in offer constraints may be.'),
  whitelist: unset(
    flagTypes.text,
    'File with the hosts that may be offered, one on a line, read again every 5 seconds; unset: all hosts.',
  ),
  offer_timeout: unset(above0, 'Offers not answered for so long are rescinded; unset: never.'),
  roles: unset(roleList, 'Deprecated: the only roles that frameworks may use.'),
  root_submissions: flag(flagTypes.boolean, true, 'May frameworks run tasks as root?'),
  max_completed_frameworks: flag(flagTypes.count(0), 50, 'Removed frameworks to remember.'),
  max_completed_tasks_per_framework: flag(flagTypes.count(0), 1000, 'Ended tasks to remember, for each framework.'),
  max_unreachable_tasks_per_framework: flag(
    flagTypes.count(0),
    1000,
    'Unreachable tasks to remember, for each framework.',
  ),
  max_stream_buffer_bytes: flag(
    flagTypes.count(1024),
    16 * 1024 * 1024,
    'A scheduler, or a subscriber of the operator API, whose unread events take more is disconnected.',
  ),
  max_operator_event_stream_subscribers: flag(
    flagTypes.count(1),
    1000,
    'Streams of the operator API at a time; with one more, the oldest is closed.',
  ),
  external_log_file: unset(
    flagTypes.text,
    'File that something else writes this process’s log to; shown as /master/log.',
  ),
  publish_per_framework_metrics: flag(flagTypes.boolean, true, 'Publish metrics for each framework.'),
  task_default_image: flag(
    flagTypes.text,
    '',
    'Image of the pod of a task that names none; empty: the pod has none (standalone).',
  ),
  persistent_volume_storage_class: unset(
    flagTypes.textLike('the name of a StorageClass', '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$'),
    'Class of the claims behind persistent volumes; its volumes must be of the node that a task runs on. Unset: the default class.',
  ),
  task_image_pull_secrets: flag(names, [], 'Secrets of the namespace that images of tasks are pulled with.'),
  shim_image: flag(
    flagTypes.text,
    '',
    'This program’s own image, which fetches the URIs of tasks; empty: nodes run the program itself (standalone).',
  ),
  executor_registration_timeout: flag(
    above0,
    300_000,
    'A task that has not begun to run for so long, its image pulled and its URIs fetched, has failed.',
  ),
  fetcher_stall_timeout: flag(above0, 60_000, 'A download that brings nothing for so long is begun anew.'),
  fetcher_max_size: flag(
    size,
    2 * 2 ** 30,
    'The most that a task may fetch by one URI, and that may come out of one archive.',
  ),
  task_pod_security: flag(flagTypes.oneOf(...SECURITY_LEVELS), 'baseline', allows('podSecurity')),
  allow_host_paths: flag(pathList, [], allows('hostPaths')),
  allow_privileged: flag(flagTypes.boolean, false, allows('privileged')),
  allowed_capabilities: flag(capabilities, BASELINE_CAPABILITIES, allows('capabilities')),
  allow_host_network: flag(flagTypes.oneOf(...HOST_NETWORK_RULES), 'with-ports', allows('hostNetwork')),
  allow_host_ports: flag(flagTypes.boolean, true, allows('hostPorts')),
  allowed_images: flag(flagTypes.list, ['*'], allows('images')),
  allowed_users: flag(flagTypes.list, ['*'], allows('users')),
  allowed_secrets: flag(flagTypes.list, [], allows('secrets')),
  allowed_claims: flag(flagTypes.list, [], allows('claims')),
  allowed_fetch_schemes: flag(flagTypes.list, ['http', 'https', 'file'], allows('fetchSchemes')),
});

export type MasterFlags = FlagValues<typeof MASTER_FLAGS>;
