import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {ConnectionConfig} from './token-config.ts';

/** Where Kubernetes mounts what a pod needs to call it. */
const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The connection of a pod's own service account, by the variables and files that Kubernetes gives every pod; no DNS is
 * asked. Kubernetes replaces the token each hour and may replace the authority: both are read anew whenever asked for.
 *
 * @returns undefined outside of a pod, or without a token: client-node looks elsewhere then
 * @see     https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
 */
export async function serviceAccountConfig(
  {KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port}: Environment,
  folder = FOLDER,
): Promise<ConnectionConfig | undefined> {
  if (!host || !port) return undefined;
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  const token = await read('token').catch(() => undefined);
  if (token === undefined) return undefined;
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    getCurrentContext: () => 'inClusterContext',
    getCurrentCluster: () => ({server}),
    applyToHTTPSOptions: async options => {
      options.ca = await read('ca.crt');
      options.headers = {...options.headers, Authorization: `Bearer ${(await read('token')).trim()}`};
    },
  };
}
