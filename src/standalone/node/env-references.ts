import {CONFIG_MAPS, SECRETS} from '../../kube/kinds.ts';
import type {KubeClient, KubeObject} from '../../kube/types.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import type {Container, EnvVar} from './pod.ts';

type Data = {readonly data?: Readonly<Record<string, string>>};

/**
 * The values behind `configMapKeyRef` and `secretKeyRef`, by variable name.
 *
 * @returns a message when an object or key that is not optional is missing
 */
export async function resolveReferences(
  container: Container,
  namespace: string,
  client: KubeClient,
): Promise<Result<Map<string, string>, string>> {
  const values = new Map<string, string>();
  for (const variable of container.env ?? []) {
    const reference = referenceOf(variable);
    if (reference === undefined) continue;
    const {kind, name, key, optional, decode} = reference;
    const found = await client.get<KubeObject & Data>(kind, name, namespace);
    const value = found.ok ? found.value.data?.[key] : undefined;
    if (value !== undefined) values.set(variable.name, decode(value));
    else if (!optional) return err(found.ok ? `couldn't find key ${key} in ${kind.kind} ${name}` : found.error.message);
  }
  return ok(values);
}

function referenceOf({valueFrom}: EnvVar) {
  const map = valueFrom?.configMapKeyRef;
  const secret = valueFrom?.secretKeyRef;
  if (map !== undefined) return {optional: false, ...map, kind: CONFIG_MAPS, decode: (text: string) => text};
  if (secret !== undefined) return {optional: false, ...secret, kind: SECRETS, decode: fromBase64};
  return undefined;
}

/** The data of a Secret, in base64. @returns a message when there is none of that name */
export async function readSecret(
  client: KubeClient,
  name: string,
  namespace: string,
): Promise<Result<NonNullable<Data['data']>, string>> {
  const found = await client.get<KubeObject & Data>(SECRETS, name, namespace);
  return found.ok ? ok(found.value.data ?? {}) : err(found.error.message);
}

const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString();
