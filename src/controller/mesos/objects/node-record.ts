import type {KubeObject} from '../../../kube/types.ts';

/** Of a node of Kubernetes: whether its kubelet runs pods. */
export type NodeRecord = {readonly name: string; readonly ready: boolean};

export const toNodeRecord = ({metadata, status}: KubeObject): NodeRecord => ({
  name: metadata.name,
  ready: conditionsOf(status).some(
    condition => textOf(condition, 'type') === 'Ready' && textOf(condition, 'status') === 'True',
  ),
});

function conditionsOf(status: unknown): readonly unknown[] {
  const conditions: unknown = typeof status === 'object' && status !== null ? Reflect.get(status, 'conditions') : [];
  return Array.isArray(conditions) ? conditions : [];
}

const textOf = (value: unknown, field: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined;
