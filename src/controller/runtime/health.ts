import type {IncomingMessage, ServerResponse} from 'node:http';

/** True, or what is wrong in a few words. */
type Check = () => true | string;

export type HealthReport = {readonly healthy: boolean; readonly text: string};

/** Checks by name. What makes a process unhealthy makes it unready as well. */
export class HealthRegistry {
  readonly #live = new Map<string, Check>();
  readonly #ready = new Map<string, Check>();

  /** `/healthz`: a process that fails this should be restarted. */
  addHealth(name: string, check: Check): void {
    this.#live.set(name, check);
  }

  /** `/readyz`: a process that fails this should get no requests. */
  addReadiness(name: string, check: Check): void {
    this.#ready.set(name, check);
  }

  health(): HealthReport {
    return report([...this.#live]);
  }

  readiness(): HealthReport {
    return report([...this.#live, ...this.#ready]);
  }
}

/**
 * Answers `/healthz` and `/readyz` (below whatever path it is mounted at): 200 `ok` or 503 with the failed checks; with
 * `?verbose` always all checks. False for other paths, which are left to somebody else.
 */
export function answerHealth(registry: HealthRegistry, request: IncomingMessage, response: ServerResponse): boolean {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const reports = {'/healthz': () => registry.health(), '/readyz': () => registry.readiness()};
  const found = Object.entries(reports).find(([path]) => path === url.pathname)?.[1]();
  if (!found) return false;
  const {status, text} = healthAnswer(found, url.searchParams.has('verbose'));
  response.writeHead(status, {'Content-Type': 'text/plain; charset=utf-8'});
  response.end(text);
  return true;
}

/** @param verbose all checks, also when all is well */
export const healthAnswer = ({healthy, text}: HealthReport, verbose: boolean): {status: number; text: string} =>
  healthy ? {status: 200, text: verbose ? text : 'ok'} : {status: 503, text};

function report(checks: readonly (readonly [string, Check])[]): HealthReport {
  const results = checks.map(([name, check]) => [name, run(check)] as const);
  const lines = results.map(([name, result]) => (result === true ? `[+]${name} ok` : `[-]${name} failed: ${result}`));
  const healthy = results.every(([, result]) => result === true);
  return {healthy, text: [...lines, healthy ? 'check passed' : 'check failed', ''].join('\n')};
}

function run(check: Check): true | string {
  try {
    return check();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
