import type {MarathonAppSpec} from '../../../../crds/marathon-app.ts';
import type {NetworkMode} from '../../../../crds/marathon-app-rules.ts';

/** One declared port, whatever the network mode. */
export type PortSpec = {
  readonly name?: string;
  readonly protocol: 'tcp' | 'udp' | 'udp,tcp';
  readonly labels: Readonly<Record<string, string>>;
  /** As declared; 0 wants one to be assigned. */
  readonly servicePort: number;
  /** What is wanted on the host: nothing, any port, the service port's number, or exactly this one. */
  readonly hostPort: 'none' | 'any' | 'service' | number;
  /** Inside the container, 0 = the same number as on the host; absent in host mode. */
  readonly containerPort?: number;
};

type Definition = NonNullable<MarathonAppSpec['portDefinitions']>[number];
const BY_DEFAULT: readonly Definition[] = [{port: 0, name: 'default'}];
type Mapping = NonNullable<NonNullable<MarathonAppSpec['container']>['portMappings']>[number];

/** The app's ports in declared order, with the defaults of its network mode. */
export const normalisePorts = (spec: MarathonAppSpec, mode: NetworkMode): readonly PortSpec[] =>
  mode === 'host' ? hostPorts(spec) : mappedPorts(spec, mode);

function hostPorts(spec: MarathonAppSpec): PortSpec[] {
  const hostPort = spec.requirePorts ? 'service' : 'any';
  const definitions: readonly Definition[] = spec.portDefinitions ?? spec.ports?.map(port => ({port})) ?? BY_DEFAULT;
  return definitions.map(({name, protocol = 'tcp', labels = {}, port}) => ({
    name,
    protocol,
    labels,
    servicePort: port,
    hostPort,
  }));
}

function mappedPorts(spec: MarathonAppSpec, mode: NetworkMode): PortSpec[] {
  const byDefault: Mapping[] = [{containerPort: 0, servicePort: 0, name: 'default'}];
  return (spec.container?.portMappings ?? byDefault).map(mapping => ({
    name: mapping.name,
    protocol: mapping.protocol ?? 'tcp',
    labels: mapping.labels ?? {},
    servicePort: mapping.servicePort,
    hostPort: mappedHostPort(mapping, mode),
    containerPort: mapping.containerPort,
  }));
}

function mappedHostPort({hostPort}: Mapping, mode: NetworkMode): PortSpec['hostPort'] {
  if (hostPort === undefined) return mode === 'bridge' ? 'any' : 'none';
  return hostPort === 0 ? 'any' : hostPort;
}
