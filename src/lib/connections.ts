import {limitOf} from './limits.ts';

/** What anybody who connects is allowed. Times in milliseconds. */
export type ConnectionLimits = {
  /** Until all headers are there, and until a TLS handshake is done. */
  readonly headersMs: number;
  /** Until a whole request is there. Answers take as long as they take. */
  readonly requestMs: number;
  /** Between two requests. Longer than clients keep theirs: a request must not meet the end of its connection. */
  readonly idleMs: number;
  /** Open at a time. */
  readonly connections: number;
  /** Between two looks for connections that are too slow. */
  readonly checkMs: number;
};

export const CONNECTION_LIMITS: ConnectionLimits = {
  headersMs: limitOf('headerSeconds') * 1000,
  requestMs: limitOf('requestSeconds') * 1000,
  idleMs: limitOf('idleSeconds') * 1000,
  connections: limitOf('connections'),
  checkMs: 2000,
};

/**
 * Options of every `createServer`. Who sends slowly is cut off: nobody can hold connections by sending a byte now and
 * then.
 */
export const connectionOptions = ({headersMs, requestMs, idleMs, checkMs} = CONNECTION_LIMITS) => ({
  headersTimeout: headersMs,
  requestTimeout: requestMs,
  keepAliveTimeout: idleMs,
  handshakeTimeout: headersMs,
  connectionsCheckingInterval: checkMs,
  maxHeaderSize: limitOf('headerBytes'),
});

type Listens<Event extends string, Value> = {on: (event: Event, listener: (value: Value) => void) => unknown};
type Breakable = Listens<'error', Error> & {destroy: () => unknown};

/** What `node:http` and `node:https` servers have in common. */
export type ConnectionServer = Listens<'error', Error> &
  Listens<'connection' | 'secureConnection', Breakable> & {maxConnections: number};

/**
 * A connection that breaks ends itself and nothing else, whatever byte it breaks at. A server listens for the errors of
 * a socket only until a request asks for an upgrade. An error that nobody listens for ends the process. So every socket
 * gets a listener when it comes. The server gets one too: it tells of connections that it could not accept. What comes
 * when all connections are taken is closed.
 *
 * @param onError told of what the server itself could not do, after it has begun to listen
 */
export function guardConnections(
  server: ConnectionServer,
  onError: (error: Error) => void,
  {connections} = CONNECTION_LIMITS,
): void {
  server.maxConnections = connections;
  server.on('error', onError);
  for (const event of ['connection', 'secureConnection'] as const) {
    server.on(event, socket => {
      socket.on('error', () => socket.destroy());
    });
  }
}
