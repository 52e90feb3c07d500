import {MASTER_FLAGS} from '../controller/flags.ts';
import {MARATHON_FLAGS} from '../controller/marathon/flags.ts';
import {flag, flagTypes} from '../lib/flags.ts';
import {attributeList, resourceList} from './resource-flags.ts';

const {
  ip: _ip,
  port: _port,
  advertise_ip: _advertiseIp,
  advertise_port: _advertisePort,
  node_name: _nodeName,
  ...MASTER
} = MASTER_FLAGS;

/** One machine's defaults: everything listens on loopback, and a silent agent is lost after seconds. */
export const STANDALONE_FLAGS = {
  data_dir: flag(flagTypes.text, '.mesos', 'Where objects, certificates, sandboxes and logs are kept.'),
  agents: flag(flagTypes.count(0, 100), 3, 'Agents to run, each a process of its own.'),
  agent_resources: flag(
    resourceList,
    'cpus:4;mem:8192;disk:20480',
    'What each agent offers; ports are shared out of 31000-32000.',
  ),
  agent_attributes: flag(attributeList, '', 'Attributes of every agent, as in rack:r1;zone:a.'),
  ip: flag(flagTypes.host, '127.0.0.1', 'Address on which everything listens.'),
  api_port: flag(flagTypes.port, 6443, 'Port of the Kubernetes-compatible API server; 0 takes a free one.'),
  mesos_port: flag(flagTypes.port, 5050, 'Port of the master; 0 takes a free one.'),
  marathon_port: flag(flagTypes.port, 8080, 'Port of Marathon; 0 takes a free one.'),
  log_level: flag(flagTypes.oneOf('debug', 'info', 'warn', 'error'), 'warn', 'The least that is logged.'),
  ...MASTER,
  ...MARATHON_FLAGS,
  // Tasks are processes of this machine's user: what that may, they may.
  allow_host_paths: {...MASTER.allow_host_paths, fallback: ['/']},
  allow_privileged: {...MASTER.allow_privileged, fallback: true},
  allow_host_network: {...MASTER.allow_host_network, fallback: 'always'},
  allowed_secrets: {...MASTER.allowed_secrets, fallback: ['*']},
  allowed_claims: {...MASTER.allowed_claims, fallback: ['*']},
  agent_ping_timeout: {...MASTER.agent_ping_timeout, fallback: 1000},
  // An agent is its node here: nobody else tells of it, and few fall silent together.
  agent_removal_rate_limit: {...MASTER.agent_removal_rate_limit, fallback: 'none' as const},
  watch_nodes: {...MASTER.watch_nodes, fallback: false},
  min_revive_offers_interval: {...MARATHON_FLAGS.min_revive_offers_interval, fallback: 500},
  decline_offer_duration: {...MARATHON_FLAGS.decline_offer_duration, fallback: 5000},
};
