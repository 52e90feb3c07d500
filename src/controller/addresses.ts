import type {OperatorOptions} from './operator-options.ts';

export type Address = {readonly ip: string; readonly hostname: string; readonly port: number};

/** Where others reach the two ports of this process. */
export type Addresses = {readonly master: Address; readonly marathon: Address};

/** @param ports those that are listened on */
export function addressesOf(
  {master: flags, marathonAddress}: OperatorOptions,
  ports: {readonly master: number; readonly marathon: number},
): Addresses {
  const {advertise_ip: ip, advertise_port: port, hostname} = flags;
  return {
    master: addressOf(ip ?? flags.ip, hostname, port ?? ports.master),
    marathon: addressOf(ip ?? marathonAddress.ip, hostname, ports.marathon),
  };
}

/** An unspecified address tells nobody anything; this machine's name does. */
function addressOf(ip: string, hostname: string | undefined, port: number): Address {
  const reachable = ip === '0.0.0.0' || ip === '::' ? '127.0.0.1' : ip;
  return {ip: reachable, hostname: hostname ?? reachable, port};
}

/** `host:port`, as in URLs. */
export const textOf = ({hostname, port}: Address): string =>
  hostname.includes(':') ? `[${hostname}]:${port}` : `${hostname}:${port}`;
