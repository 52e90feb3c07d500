import type {RequestOptions} from 'node:https';
import {parse} from 'yaml';

/** What a connection asks of a kubeconfig, whoever has read it. */
export type ConnectionConfig = {
  readonly getCurrentContext: () => string;
  readonly getCurrentCluster: () => {readonly server: string; readonly proxyUrl?: string} | null;
  /** Adds credentials and the authority to trust. */
  readonly applyToHTTPSOptions: (options: RequestOptions) => Promise<void>;
};

/**
 * Reads the plainest of kubeconfigs: a server, its authority and a token, all in the file. The embedded server writes
 * such a one. Each program reads it without client-node then, whose import takes half a second and 90 MB.
 *
 * @param text a kubeconfig
 * @returns    undefined for one that says anything else: it is client-node's to read
 */
export function readTokenConfig(text: string): ConnectionConfig | undefined {
  const config = fieldsOf(parse(text));
  const current = config['current-context'];
  if (typeof current !== 'string') return undefined;
  const context = namedIn(config, 'contexts', 'context', current);
  const cluster = namedIn(config, 'clusters', 'cluster', context['cluster']);
  const user = namedIn(config, 'users', 'user', context['user']);
  const {server, 'certificate-authority-data': authority, ...otherOfCluster} = cluster;
  const {token, ...otherOfUser} = user;
  if (typeof server !== 'string' || typeof authority !== 'string' || typeof token !== 'string') return undefined;
  if (Object.keys(otherOfCluster).length > 0 || Object.keys(otherOfUser).length > 0) return undefined;
  return {
    getCurrentContext: () => current,
    getCurrentCluster: () => ({server}),
    applyToHTTPSOptions: async options => {
      options.ca = Buffer.from(authority, 'base64');
      options.headers = {...options.headers, Authorization: `Bearer ${token}`};
    },
  };
}

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};

/** The entry of a list that has this name: `{name, [field]: …}`; no fields where there is none. */
function namedIn(config: Fields, list: string, field: string, name: unknown): Fields {
  const entries: unknown = config[list];
  const found = (Array.isArray(entries) ? entries : []).map(fieldsOf).find(entry => entry['name'] === name);
  return fieldsOf(found?.[field]);
}
