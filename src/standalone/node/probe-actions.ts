import {request as httpRequest} from 'node:http';
import {request as httpsRequest} from 'node:https';
import {connect} from 'node:net';
import {expand} from './container-command.ts';
import type {Container, Probe} from './pod.ts';
import type {ProbeAnswer} from './probe.ts';
import {runBeside, type Surroundings} from './run-beside.ts';

/** Performs one probe of any kind; never rejects. */
export function performProbe(probe: Probe, container: Container, ip: string, task: Surroundings): Promise<ProbeAnswer> {
  const timeoutMs = 1000 * (probe.timeoutSeconds || 1);
  if (probe.exec !== undefined) return probeCommand(probe.exec.command ?? [], task, timeoutMs);
  if (probe.httpGet !== undefined) return probeHttp(probe.httpGet, container, ip, timeoutMs);
  if (probe.tcpSocket === undefined)
    return Promise.resolve({ok: false, message: 'this node has no such kind of probe'});
  const port = portOf(probe.tcpSocket.port, container);
  return probeTcp(probe.tcpSocket.host || ip, port, timeoutMs);
}

async function probeCommand(argv: readonly string[], task: Surroundings, timeoutMs: number): Promise<ProbeAnswer> {
  const env = new Map(Object.entries(task.env));
  const {exitCode, output} = await runBeside(
    argv.map(word => expand(word, env)),
    task,
    timeoutMs,
  );
  if (exitCode === 0) return {ok: true, message: ''};
  return {
    ok: false,
    message: exitCode === undefined ? 'command timed out' : `command exited with ${exitCode}: ${output}`,
  };
}

function probeTcp(host: string, port: number, timeoutMs: number): Promise<ProbeAnswer> {
  return new Promise(resolve => {
    const socket = connect({host, port});
    const answer = (ok: boolean, message: string): void => {
      socket.destroy();
      resolve({ok, message});
    };
    socket.setTimeout(timeoutMs, () => answer(false, `dial tcp ${host}:${port}: i/o timeout`));
    socket.once('connect', () => answer(true, ''));
    socket.once('error', error => answer(false, `dial tcp ${host}:${port}: ${error.message}`));
  });
}

const MAX_REDIRECTS = 10;

function probeHttp(
  get: NonNullable<Probe['httpGet']>,
  container: Container,
  ip: string,
  timeoutMs: number,
): Promise<ProbeAnswer> {
  const scheme = get.scheme?.toLowerCase() === 'https' ? 'https' : 'http';
  const path = get.path?.startsWith('/') ? get.path : `/${get.path ?? ''}`;
  const url = URL.parse(`${scheme}://${get.host || ip}:${portOf(get.port, container)}${path}`);
  if (url === null) return Promise.resolve({ok: false, message: `no port ${get.port}`});
  const headers: [string, string][] = (get.httpHeaders ?? []).map(({name, value}) => [name, value]);
  return fetchStatus(url, Object.fromEntries(headers), timeoutMs, MAX_REDIRECTS);
}

/** 200 to 399 is healthy. A redirect within the same host is followed; one that leads elsewhere counts as success. */
async function fetchStatus(
  url: URL,
  headers: Record<string, string>,
  timeoutMs: number,
  redirects: number,
): Promise<ProbeAnswer> {
  const answer = await head(url, headers, timeoutMs);
  if (typeof answer === 'string') return {ok: false, message: `Get "${url.href}": ${answer}`};
  const {status, location} = answer;
  const next = status >= 300 && status < 400 && location ? URL.parse(location, url.href) : null;
  if (next?.hostname === url.hostname && redirects > 0) return fetchStatus(next, headers, timeoutMs, redirects - 1);
  const ok = status >= 200 && status < 400;
  return {ok, message: ok ? '' : `HTTP probe failed with statuscode: ${status}`};
}

type HttpAnswer = {readonly status: number; readonly location: string | undefined} | string;

function head(url: URL, headers: Record<string, string>, timeoutMs: number): Promise<HttpAnswer> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise(resolve => {
    const signal = AbortSignal.timeout(timeoutMs);
    const defaults = {'User-Agent': 'kube-probe/1.35', Accept: '*/*', Connection: 'close'};
    const call = request(url, {headers: {...defaults, ...headers}, rejectUnauthorized: false, agent: false, signal});
    call.once('response', response => {
      resolve({status: response.statusCode ?? 0, location: response.headers.location});
      response.destroy();
    });
    call.on('error', error => resolve(signal.aborted ? 'context deadline exceeded' : error.message));
    call.end();
  });
}

/**
 * A number, or the name of one of the container's ports; 0 when there is none of that name. A port that is mapped to one
 * of the host is probed there: pods have no address of their own.
 */
function portOf(port: number | string, container: Container): number {
  const known = container.ports?.find(({name, containerPort}) => name === port || containerPort === Number(port));
  return known?.hostPort || known?.containerPort || (Number.isInteger(Number(port)) ? Number(port) : 0);
}
