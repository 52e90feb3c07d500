import {connect as connectTcp, type Socket} from 'node:net';
import {connect as connectTls} from 'node:tls';

export type Port = {readonly host: string; readonly port: number; readonly tls: boolean};

/** Sends the first bytes of a request and resets the connection (RST, not FIN). Over TLS also the handshake counts. */
export async function resetAfter(at: Port, request: string, bytes: number): Promise<void> {
  const socket = await connected(at);
  if (at.tls) await resetTls(socket, request, bytes);
  else {
    await written(socket, request.slice(0, bytes));
    socket.resetAndDestroy();
  }
  await closed(socket);
}

/** What the client of a TLS connection sends first: the handshake, which may be cut too. */
const HANDSHAKE_BYTES = 400;

async function resetTls(raw: Socket, request: string, bytes: number): Promise<void> {
  if (bytes < HANDSHAKE_BYTES) {
    // The begin of a ClientHello of which the rest never comes.
    await written(raw, Buffer.from([22, 3, 1, 1, 0x90, 1, 0, 1, 0x8c, 3, 3]).subarray(0, 1 + (bytes % 11)));
    raw.resetAndDestroy();
    return;
  }
  const tls = connectTls({socket: raw, rejectUnauthorized: false});
  tls.on('error', () => undefined);
  await new Promise<void>(resolve => {
    tls.once('secureConnect', () => resolve());
    tls.once('close', () => resolve());
  });
  await written(tls, request.slice(0, bytes - HANDSHAKE_BYTES));
  raw.resetAndDestroy();
}

export const handshakeBytes = (at: Port): number => (at.tls ? HANDSHAKE_BYTES : 0);

const connected = ({host, port}: Port): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connectTcp({host, port}, () => {
      socket.off('error', reject);
      socket.on('error', () => undefined);
      resolve(socket);
    });
    socket.once('error', reject);
  });

const written = (socket: Socket, data: string | Buffer): Promise<void> =>
  new Promise(resolve => {
    if (data.length === 0) resolve();
    else socket.write(data, () => resolve());
  });

const closed = (socket: Socket): Promise<void> =>
  new Promise(resolve => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
