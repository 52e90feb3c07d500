import {randomBytes, X509Certificate} from 'node:crypto';
import {mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {generate} from 'selfsigned';
import {stringify} from 'yaml';

/** What the server proves itself with, and what it asks of clients. PEM texts. */
export type Credentials = {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  readonly token: string;
};

const VALID_DAYS = 730;
const RENEW_BEFORE_DAYS = 60;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The ones kept in the directory, or new ones. Made new also when the certificate is about to end or for another address. */
export async function loadCredentials(dataDir: string, ip: string, nowMs: number): Promise<Credentials> {
  const directory = join(dataDir, 'pki');
  mkdirSync(directory, {recursive: true, mode: 0o700});
  const token = readText(join(dataDir, 'token'))?.trim() || randomBytes(32).toString('base64url');
  writePrivate(join(dataDir, 'token'), `${token}\n`);
  const kept = readPki(directory);
  if (kept !== undefined && isUsable(kept.certificate, ip, nowMs)) return {...kept, token};
  const made = await makePki(ip, nowMs);
  writePrivate(join(directory, 'ca.crt'), made.ca);
  writePrivate(join(directory, 'tls.key'), made.key);
  writePrivate(join(directory, 'tls.crt'), made.certificate);
  return {...made, token};
}

type Pki = Omit<Credentials, 'token'>;

function readPki(directory: string): Pki | undefined {
  const [ca, certificate, key] = ['ca.crt', 'tls.crt', 'tls.key'].map(name => readText(join(directory, name)));
  return ca === undefined || certificate === undefined || key === undefined ? undefined : {ca, certificate, key};
}

function isUsable(pem: string, ip: string, nowMs: number): boolean {
  try {
    const certificate = new X509Certificate(pem);
    const lastsMs = Date.parse(certificate.validTo) - nowMs;
    return lastsMs > RENEW_BEFORE_DAYS * DAY_MS && certificate.checkIP(ip) !== undefined;
  } catch {
    return false;
  }
}

/** A certificate authority whose key is forgotten at once, and a serving certificate from it. */
async function makePki(ip: string, nowMs: number): Promise<Pki> {
  const dates = {notBeforeDate: new Date(nowMs - DAY_MS), notAfterDate: new Date(nowMs + VALID_DAYS * DAY_MS)};
  const common = {...dates, keyType: 'ec', curve: 'P-256', algorithm: 'sha256'} as const;
  const authority = await generate([{name: 'commonName', value: 'mesos-standalone-ca'}], {
    ...common,
    extensions: [
      {name: 'basicConstraints', cA: true, critical: true},
      {name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true},
    ],
  });
  const addresses = [...new Set(['127.0.0.1', ip])];
  const serving = await generate([{name: 'commonName', value: 'mesos-standalone'}], {
    ...common,
    ca: {key: authority.private, cert: authority.cert},
    extensions: [
      {name: 'basicConstraints', cA: false},
      {name: 'keyUsage', digitalSignature: true, critical: true},
      {name: 'extKeyUsage', serverAuth: true},
      {
        name: 'subjectAltName',
        altNames: [{type: 2, value: 'localhost'}, ...addresses.map(address => ({type: 7 as const, ip: address}))],
      },
    ],
  });
  return {ca: authority.cert, certificate: serving.cert, key: serving.private};
}

/** Writes a kubeconfig for the server. @returns its path */
export function writeKubeconfig(dataDir: string, url: string, {ca, token}: Credentials): string {
  const path = join(dataDir, 'kubeconfig');
  const name = 'mesos-standalone';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{name, cluster: {server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64')}}],
    users: [{name, user: {token}}],
    contexts: [{name, context: {cluster: name, user: name, namespace: 'default'}}],
    'current-context': name,
  };
  writePrivate(path, stringify(config));
  return path;
}

/** Whole or not at all, and readable by its owner only. */
function writePrivate(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, {mode: 0o600});
  renameSync(temporary, path);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
