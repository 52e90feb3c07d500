import type {ReadonlyApp} from '../core/state.ts';
import {safePath} from '../core/ids.ts';
import type {ShownApp} from './shown-app.ts';

/**
 * A line for each service port of each app, for scripts that make proxies. It has the id with `_` for `/`, the port, and
 * host and port of each task that runs; a tab ends each. An app without ports has one line with hosts alone.
 */
export const endpointsText = (apps: readonly ShownApp[]): string => apps.map(({app}) => linesOf(app)).join('');

function linesOf(app: ReadonlyApp): string {
  const name = safePath(app.object.id);
  const running = [...app.instances.values()].flatMap(({condition, task}) =>
    condition === 'Running' && task !== undefined ? [task] : [],
  );
  const line = (port: number | ' ', endpoints: readonly string[]): string =>
    `${[name, port, ...endpoints].join('\t')}\t\n`;
  if (app.servicePorts.length === 0)
    return line(
      ' ',
      running.map(({agent}) => agent.hostname),
    );
  return app.servicePorts
    .map((port, index) =>
      line(
        port,
        running.map(({agent, hostPorts}) => `${agent.hostname}:${hostPorts[index] ?? 0}`),
      ),
    )
    .join('');
}
