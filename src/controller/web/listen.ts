import {createServer, type RequestListener, type Server} from 'node:http';
import {createServer as createTlsServer, type Server as TlsServer} from 'node:https';
import type {AddressInfo} from 'node:net';
import {CONNECTION_LIMITS, type ConnectionLimits, connectionOptions, guardConnections} from '../../lib/connections.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import type {Tls, TlsMaterial} from './tls.ts';

export type WebServer = {
  readonly port: number;
  /** Ends open connections, streams included. */
  readonly close: () => Promise<void>;
};

/** Where to listen; `flagName` is named when that fails. */
export type ListenAddress = {readonly ip: string; readonly port: number; readonly flagName: string};

/** How a port listens. `tls` undefined: plain HTTP. */
export type ListenOptions = {readonly tls?: Tls | undefined; readonly limits?: ConnectionLimits};

/** Listens on an address. */
export async function listen(
  handler: RequestListener,
  address: ListenAddress,
  {tls, limits = CONNECTION_LIMITS}: ListenOptions = {},
): Promise<Result<WebServer, string>> {
  const server = createServerOf(handler, connectionOptions(limits), tls);
  const failure = await new Promise<NodeJS.ErrnoException | undefined>(resolve => {
    server.once('error', resolve);
    server.listen(address.port, address.ip, () => resolve(undefined));
  });
  if (failure !== undefined) return err(explain(failure, address));
  // A connection that could not be accepted is its client's to try again.
  guardConnections(server, () => undefined, limits);
  return ok({port: (server.address() as AddressInfo).port, close: () => close(server)});
}

function createServerOf(
  handler: RequestListener,
  options: ReturnType<typeof connectionOptions>,
  tls: Tls | undefined,
): Server | TlsServer {
  if (tls === undefined) return createServer(options, handler);
  const server = createTlsServer({...options, ...contextOf(tls.material())}, handler);
  // Connections that are open keep what they began with.
  tls.onChange(material => server.setSecureContext(contextOf(material)));
  return server;
}

/** A client without a certificate, or with a strange one, may still show by other means who it is. */
const contextOf = ({cert, key, ca}: TlsMaterial) => ({
  ...{cert, key, minVersion: 'TLSv1.2' as const},
  ...(ca !== undefined && {ca, requestCert: true, rejectUnauthorized: false}),
});

function explain(error: NodeJS.ErrnoException, {ip, port, flagName}: ListenAddress): string {
  if (error.code === 'EADDRINUSE')
    return `--${flagName}: port ${port} of ${ip} is in use; stop what listens there or give another port (0: any free one)`;
  if (error.code === 'EACCES')
    return `--${flagName}: port ${port} of ${ip} may not be used by this user; give another one`;
  if (error.code === 'EADDRNOTAVAIL') return `--${flagName}: ${ip} is not an address of this machine`;
  return `--${flagName}: can't listen on ${ip}:${port}: ${error.message}`;
}

function close(server: Server | TlsServer): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
