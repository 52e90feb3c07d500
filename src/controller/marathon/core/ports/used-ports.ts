import type {App, MarathonState, ReadonlyApp, ReadonlyMarathon} from '../state.ts';

/** The only way in which an app's service ports change: how many apps have each of them is counted beside. */
export function useServicePorts({portsInUse}: MarathonState, app: App, ports: readonly number[]): void {
  for (const port of app.servicePorts) {
    const left = (portsInUse.get(port) ?? 1) - 1;
    if (left > 0) portsInUse.set(port, left);
    else portsInUse.delete(port);
  }
  app.servicePorts = ports;
  for (const port of ports) portsInUse.set(port, (portsInUse.get(port) ?? 0) + 1);
}

/** Whether another app has a service port. */
export function isUsedByOthers(
  {portsInUse}: Pick<ReadonlyMarathon, 'portsInUse'>,
  app: Pick<ReadonlyApp, 'servicePorts'> | undefined,
  port: number,
): boolean {
  const own = app?.servicePorts.filter(it => it === port).length ?? 0;
  return (portsInUse.get(port) ?? 0) > own;
}
