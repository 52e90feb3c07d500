import type {KubeObject} from '../../../../kube/types.ts';
import {shortHash} from '../ids.ts';
import {minimumHealthy} from '../deployments/rolling.ts';
import {selectorName} from './selector.ts';
import type {ReadonlyApp} from '../state.ts';
import {APP_TASK_LABELS} from '../../../../crds/meta.ts';

const LONGEST_NAME = 253;

const budgetName = (objectName: string): string => {
  const name = `marathon-${objectName}`;
  return name.length <= LONGEST_NAME ? name : `marathon-${shortHash(objectName, 40)}`;
};

/**
 * What keeps evictions (`kubectl drain`, node upgrades) from taking more of an app than its minimumHealthCapacity
 * allows. Pods that fail their checks may always go.
 *
 * @returns undefined for an app that is going, or was not understood
 */
export function disruptionBudget({object, definition}: ReadonlyApp, namespace: string): KubeObject | undefined {
  if (object.deleting || definition === undefined) return undefined;
  const {name, uid} = object;
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: {
      name: budgetName(name),
      namespace,
      ownerReferences: [{apiVersion: 'mesos.dev/v1', kind: 'MarathonApp', name, uid, controller: true}],
    },
    spec: {
      minAvailable: minimumHealthy(definition.instances, definition.minimumHealthCapacity),
      selector: {matchLabels: {[APP_TASK_LABELS.name]: selectorName(name)}},
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  };
}
