import {parseQuantity} from '../../kube/quantity.ts';
import type {Container, EnvVar, Pod} from './pod.ts';

export type EnvContext = {
  readonly pod: Pod;
  readonly container: Container;
  readonly ip: string;
  /** Values of `configMapKeyRef` and `secretKeyRef`, by variable name; absent where the key is missing. */
  readonly references: ReadonlyMap<string, string>;
};

/**
 * A container's variables in order, with `$(NAME)` replaced by what was defined before. `$$(NAME)` stays `$(NAME)`; an
 * unknown name stays as it is. Kubernetes's rules.
 */
export function environmentOf(context: EnvContext): Map<string, string> {
  const env = new Map<string, string>();
  for (const variable of context.container.env ?? []) {
    const value = variable.valueFrom === undefined ? expand(variable.value ?? '', env) : lookUp(variable, context);
    if (value !== undefined) env.set(variable.name, value);
  }
  return env;
}

/** What to run: command and arguments, each expanded. Without an image's entrypoint, arguments alone are the command. */
export function argvOf(container: Container, env: ReadonlyMap<string, string>): string[] {
  return [...(container.command ?? []), ...(container.args ?? [])].map(word => expand(word, env));
}

/** Replaces `$(NAME)`. */
export function expand(text: string, env: ReadonlyMap<string, string>): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (found, name: string | undefined) => {
    if (found === '$$') return '$';
    return (name === undefined ? undefined : env.get(name)) ?? found;
  });
}

function lookUp(variable: EnvVar, context: EnvContext): string | undefined {
  const from = variable.valueFrom;
  if (from?.fieldRef !== undefined) return field(from.fieldRef.fieldPath, context);
  if (from?.resourceFieldRef !== undefined) return resource(from.resourceFieldRef, context);
  return context.references.get(variable.name);
}

function field(path: string, {pod, ip}: EnvContext): string | undefined {
  const entry = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (entry !== null) return pod.metadata[entry[1] === 'labels' ? 'labels' : 'annotations']?.[entry[2] ?? ''] ?? '';
  const fields = new Map([
    ['metadata.name', pod.metadata.name],
    ['metadata.namespace', pod.metadata.namespace],
    ['metadata.uid', pod.metadata.uid],
    ['spec.nodeName', pod.spec.nodeName ?? ''],
    ['spec.serviceAccountName', 'default'],
    ['status.hostIP', ip],
    ['status.podIP', ip],
    ['status.podIPs', ip],
  ]);
  return fields.get(path);
}

function resource(
  ref: {readonly containerName?: string; readonly resource: string; readonly divisor?: string | number},
  {pod, container}: EnvContext,
): string | undefined {
  const [kind, ...rest] = ref.resource.split('.');
  const of = pod.spec.containers.find(({name}) => name === ref.containerName) ?? container;
  const amounts = kind === 'limits' ? of.resources?.limits : of.resources?.requests;
  const amount = parseQuantity(amounts?.[rest.join('.')] ?? 0) ?? 0;
  // Kubernetes: a divisor of zero means one, and the result is rounded up.
  return String(Math.ceil(amount / (parseQuantity(ref.divisor ?? 1) || 1)));
}
