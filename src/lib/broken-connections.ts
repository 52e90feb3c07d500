type Listens<Event extends string, Value> = {on: (event: Event, listener: (value: Value) => void) => unknown};
type Breakable = Listens<'error', Error> & {destroy: () => unknown};

/** What `node:http` and `node:https` servers have in common. */
export type ConnectionServer = Listens<'error', Error> & Listens<'connection' | 'secureConnection', Breakable>;

/**
 * A connection that breaks ends itself and nothing else, whatever byte it breaks at. A server listens for the errors of
 * a socket only until a request asks for an upgrade. An error that nobody listens for ends the process. So every socket
 * gets a listener when it comes. The server gets one too: it tells of connections that it could not accept.
 *
 * @param onError told of what the server itself could not do, after it has begun to listen
 */
export function outliveBrokenConnections(server: ConnectionServer, onError: (error: Error) => void): void {
  server.on('error', onError);
  for (const event of ['connection', 'secureConnection'] as const) {
    server.on(event, socket => {
      socket.on('error', () => socket.destroy());
    });
  }
}
