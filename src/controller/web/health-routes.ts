import {healthAnswer, type HealthReport, type HealthRegistry} from '../runtime/health.ts';
import {type Exchange, NO_BODY, type Route} from './route.ts';

const PROBE = {
  method: 'GET',
  permission: 'open',
  answeredBy: 'any',
  body: NO_BODY,
  query: {verbose: 'Show all checks.'},
  answers: ['text/plain'],
} as const;

/** For the probes of Kubernetes. */
export const HEALTH_ROUTES: readonly Route<HealthRegistry>[] = [
  {
    ...PROBE,
    path: '/healthz',
    does: 'Says whether this process should go on.',
    handle: (exchange, registry) => send(exchange, registry.health()),
  },
  {
    ...PROBE,
    path: '/readyz',
    does: 'Says whether this process should get requests.',
    handle: (exchange, registry) => send(exchange, registry.readiness()),
  },
];

function send({request, response}: Exchange, report: HealthReport): void {
  const {status, text} = healthAnswer(report, request.query['verbose'] !== undefined);
  response.status(status).type('text').send(text);
}
