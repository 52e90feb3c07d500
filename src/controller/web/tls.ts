import {readFile} from 'node:fs/promises';
import {createSecureContext} from 'node:tls';
import type {Logger} from '../../kube/log.ts';
import type {Clock} from '../../lib/clock.ts';
import {jsonOf} from '../../lib/json-text.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import type {AccessFlags} from './access-flags.ts';
import {KeptFile} from './kept-file.ts';

/** All in PEM. */
export type TlsMaterial = {
  readonly cert: string;
  readonly key: string;
  /** Who signs certificates of clients. */
  readonly ca: string | undefined;
};

/** What TLS is made of now; undefined where the ports speak plain HTTP. */
export type Tls = {
  readonly material: () => TlsMaterial;
  /** Calls back whenever the files have changed. */
  readonly onChange: (listener: (material: TlsMaterial) => void) => void;
  readonly close: () => void;
};

/** Of addresses of the ports. @param tls anything when they speak TLS */
export const schemeOf = (tls: unknown): 'http' | 'https' => (tls === undefined ? 'http' : 'https');

type Options = {readonly flags: AccessFlags; readonly clock: Clock; readonly log: Logger};

/** @returns undefined when no certificate is named, or an error that names the flag */
export async function readTls({flags, clock, log}: Options): Promise<Result<Tls | undefined, string>> {
  const {ssl_cert_file: certFile, ssl_key_file: keyFile, ssl_ca_file: caFile} = flags;
  if (certFile === undefined || keyFile === undefined) return ok(undefined);
  const listeners: ((material: TlsMaterial) => void)[] = [];
  const kept = await KeptFile.open<TlsMaterial>({
    ...{clock, log, flagName: 'ssl_cert_file', parse},
    read: async () => {
      const [cert, key, ca] = await Promise.all([certFile, keyFile, caFile].map(read));
      return JSON.stringify({cert, key, ca});
    },
    onChange: material => listeners.forEach(listener => listener(material)),
  });
  if (!kept.ok) return kept;
  return ok({
    material: () => kept.value.value,
    onChange: listener => void listeners.push(listener),
    close: () => kept.value.close(),
  });
}

const read = async (path: string | undefined): Promise<string | undefined> =>
  path === undefined ? undefined : readFile(path, 'utf8');

/** A certificate that does not belong to its key, as between the writes of the two, is refused here. */
function parse(text: string): Result<TlsMaterial, string> {
  const material = jsonOf(text) as TlsMaterial;
  try {
    createSecureContext(material);
    return ok(material);
  } catch (error) {
    return err(`no certificate and key for TLS: ${error instanceof Error ? error.message : String(error)}`);
  }
}
