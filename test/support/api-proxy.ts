import {writeFile} from 'node:fs/promises';
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import {request} from 'node:https';
import type {AddressInfo} from 'node:net';
import type {ExecutionContext} from 'ava';
import {KubeConfig} from '@kubernetes/client-node';

/** Stands between one program and the API server and notes what the program writes. */
export class ApiProxy {
  /** `PUT /apis/…`, in the order in which the requests came. */
  readonly writes: string[] = [];
  readonly kubeconfigPath: string;
  readonly #upstream: string;
  readonly #server: Server;

  private constructor(upstream: string, kubeconfigPath: string) {
    this.#upstream = upstream;
    this.kubeconfigPath = kubeconfigPath;
    this.#server = createServer((incoming, answer) => this.#forward(incoming, answer));
  }

  /**
   * @param upstream       kubeconfig of the API server; read for each request, as the port may change
   * @param kubeconfigPath where to write the program's own
   */
  static async start(t: ExecutionContext, upstream: string, kubeconfigPath: string): Promise<ApiProxy> {
    const proxy = new ApiProxy(upstream, kubeconfigPath);
    await new Promise<void>(resolve => proxy.#server.listen(0, '127.0.0.1', resolve));
    t.teardown(() => {
      proxy.#server.closeAllConnections();
      proxy.#server.close();
    });
    await proxy.#writeConfig();
    return proxy;
  }

  async #writeConfig(): Promise<void> {
    const config = load(this.#upstream);
    const {port} = this.#server.address() as AddressInfo;
    const cluster = {name: 'proxy', server: `http://127.0.0.1:${port}`, skipTLSVerify: true};
    const user = {name: 'proxy', token: config.getCurrentUser()?.token};
    const context = {name: 'proxy', cluster: 'proxy', user: 'proxy'};
    const own = new KubeConfig();
    own.loadFromOptions({clusters: [cluster], users: [user], contexts: [context], currentContext: 'proxy'});
    await writeFile(this.kubeconfigPath, own.exportConfig());
  }

  #forward(incoming: IncomingMessage, answer: ServerResponse): void {
    const {method = 'GET', url = '/', headers} = incoming;
    if (method !== 'GET') this.writes.push(`${method} ${url}`);
    const cluster = load(this.#upstream).getCurrentCluster();
    const ca = Buffer.from(cluster?.caData ?? '', 'base64');
    const onward = request(`${cluster?.server ?? ''}${url}`, {method, headers, ca}, response => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      answer.flushHeaders();
      response.pipe(answer);
      response.on('error', () => answer.destroy());
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    incoming.pipe(onward);
  }
}

function load(path: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(path);
  return config;
}
