import type {Resource} from '../../../api/mesos/v1/resources.ts';
import {AGENT_LABEL, MANAGED_LABEL, VOLUME_ANNOTATION} from '../../../crds/meta.ts';
import type {KubeObject} from '../../../kube/types.ts';
import {sha256Hex} from '../../../lib/sha256.ts';
import type {VolumeKey} from '../core/operations/volumes.ts';
import type {PodOrder} from '../core/tasks/task-record.ts';
import {labelValue} from './marks.ts';

/** The PersistentVolumeClaim behind a persistent volume. The same volume always has the same one. */
export const claimName = ({agentId, role, id}: VolumeKey): string =>
  `mesos-volume-${sha256Hex(JSON.stringify([agentId, role, id])).slice(0, 24)}`;

/** @returns undefined for a resource that is no persistent volume */
export function volumeKey(agentId: string, {disk, role, reservations = []}: Resource): VolumeKey | undefined {
  const id = disk?.persistence?.id;
  return id === undefined ? undefined : {agentId, role: reservations.at(-1)?.role ?? role ?? '*', id};
}

export type ClaimOptions = {
  readonly namespace: string;
  /** Unset: the cluster's default. */
  readonly storageClass: string | undefined;
};

/** What a provisioner that waits for the first consumer waits for: kube-scheduler, which we are not, would set it. */
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

/** The claims that a task's pod mounts. */
export function claimsOf(
  {tasks, executor, agent}: PodOrder,
  {namespace, storageClass}: ClaimOptions,
): readonly KubeObject[] {
  const resources = [...tasks, ...(executor === undefined ? [] : [executor])].flatMap(it => it.resources ?? []);
  return resources.flatMap(resource => {
    const key = volumeKey(agent.id, resource);
    if (key === undefined) return [];
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name: claimName(key),
        namespace,
        labels: {[MANAGED_LABEL]: 'true', [AGENT_LABEL]: labelValue(agent.name)},
        annotations: {[VOLUME_ANNOTATION]: `${key.role}/${key.id}`, [SELECTED_NODE]: agent.nodeName},
      },
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: {requests: {storage: `${Math.max(1, Math.ceil(resource.scalar?.value ?? 0))}Mi`}},
        ...(storageClass !== undefined && {storageClassName: storageClass}),
      },
    };
  });
}
