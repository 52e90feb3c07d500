import type {RequestHandler} from 'express';

/** What this process is among the masters. `recovering`: it leads, and is still rebuilding its state. */
export type MasterPhase = 'standby' | 'recovering' | 'leading';

export type Leadership = {
  readonly phase: () => MasterPhase;
  /** `host:port` of the master that leads; undefined while nobody is known to. */
  readonly leaderAddress: () => string | undefined;
};

/** Lets only the leader answer: others send the client there, and nobody waits for a master that is still rebuilding. */
export function leaderOnly(leadership: Leadership): RequestHandler {
  return (request, response, next) => {
    const phase = leadership.phase();
    if (phase === 'leading') return next();
    if (phase === 'recovering') return void response.status(503).type('text').send('Master has not finished recovery');
    redirectTo(leadership.leaderAddress(), request.originalUrl, response);
  };
}

/** GET /redirect: to the leader, whoever answers. */
export function redirectToLeader(leadership: Leadership): RequestHandler {
  return (_request, response) => redirectTo(leadership.leaderAddress(), '', response);
}

/** Relative to the scheme, as in Mesos: whoever came over TLS stays there. */
function redirectTo(leader: string | undefined, path: string, response: Parameters<RequestHandler>[1]): void {
  if (leader === undefined) response.status(503).type('text').send('No leader elected');
  else response.status(307).set('Location', `//${leader}${path}`).end();
}
