import {createServer, type RequestListener, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {err, ok, type Result} from '../../lib/result.ts';

export type WebServer = {
  readonly port: number;
  /** Ends open connections, streams included. */
  readonly close: () => Promise<void>;
};

/** Listens on an address; `flagName` is named when that fails. */
export async function listen(
  handler: RequestListener,
  ip: string,
  port: number,
  flagName: string,
): Promise<Result<WebServer, string>> {
  const server = createServer(handler);
  const failure = await new Promise<NodeJS.ErrnoException | undefined>(resolve => {
    server.once('error', resolve);
    server.listen(port, ip, () => resolve(undefined));
  });
  if (failure !== undefined) return err(explain(failure, ip, port, flagName));
  return ok({port: (server.address() as AddressInfo).port, close: () => close(server)});
}

function explain(error: NodeJS.ErrnoException, ip: string, port: number, flagName: string): string {
  if (error.code === 'EADDRINUSE')
    return `--${flagName}: port ${port} of ${ip} is in use; stop what listens there or give another port (0: any free one)`;
  if (error.code === 'EACCES')
    return `--${flagName}: port ${port} of ${ip} may not be used by this user; give another one`;
  if (error.code === 'EADDRNOTAVAIL') return `--${flagName}: ${ip} is not an address of this machine`;
  return `--${flagName}: can't listen on ${ip}:${port}: ${error.message}`;
}

function close(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
