import {FRAMEWORK_NAME_LABEL} from '../../../crds/meta.ts';
import {toFrameworkId} from '../../../allocator/ids.ts';
import {frameworkInfoSchema} from '../../../api/mesos/v1/common.ts';
import {decodeJson} from '../../../api/mesos/v1/json.ts';
import {decodeObject} from '../../../crds/kind.ts';
import {MESOS_FRAMEWORKS, type MesosFramework} from '../../../crds/mesos-framework.ts';
import type {KubeObject} from '../../../kube/types.ts';
import type {RestoredFramework} from '../core/commands.ts';
import type {Effect} from '../core/effects.ts';
import {frameworkObjectName} from '../core/frameworks/object-name.ts';
import {trimOf} from '../../../lib/trim.ts';

/** A MesosFramework as the caches keep it. */
export type FrameworkView = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  /** Somebody has deleted it; something holds it back. */
  readonly deleting: boolean;
  readonly status: MesosFramework['status'];
  /** Undefined when the object cannot be understood. */
  readonly framework: RestoredFramework | undefined;
};

export function frameworkObject(effect: Effect & {readonly kind: 'save-framework'}, namespace: string): KubeObject {
  return {
    apiVersion: `${MESOS_FRAMEWORKS.group}/${MESOS_FRAMEWORKS.version}`,
    kind: MESOS_FRAMEWORKS.kind,
    metadata: {
      name: frameworkObjectName(effect.frameworkId),
      namespace,
      labels: {[FRAMEWORK_NAME_LABEL]: labelValue(effect.info.name)},
    },
    spec: {frameworkInfo: effect.info, suppressedRoles: effect.suppressedRoles},
  };
}

/** What a label may hold of a text; only for people who select by it. */
const labelValue = (text: string): string => trimOf(text.slice(0, 63).replaceAll(/[^\w.-]/g, '-'), '_.-');

/** Projects a MesosFramework object. */
export function toFrameworkView(raw: KubeObject): FrameworkView {
  const {name, namespace = '', uid = '', resourceVersion = '', generation = 0} = raw.metadata;
  const decoded = decodeObject(MESOS_FRAMEWORKS, raw);
  return {
    name,
    namespace,
    uid,
    resourceVersion,
    generation,
    deleting: raw.metadata.deletionTimestamp !== undefined,
    status: decoded.ok ? decoded.value.status : undefined,
    framework: decoded.ok ? toFramework(decoded.value) : undefined,
  };
}

function toFramework({metadata, spec, status}: MesosFramework): RestoredFramework | undefined {
  const info = decodeJson(frameworkInfoSchema, spec.frameworkInfo);
  if (!info.ok) return undefined;
  const registeredMs = Date.parse(status?.registeredTime ?? metadata.creationTimestamp ?? '');
  return {
    id: toFrameworkId(info.value.id?.value ?? metadata.name),
    uid: metadata.uid ?? '',
    info: info.value,
    suppressedRoles: spec.suppressedRoles ?? [],
    registeredMs: Number.isNaN(registeredMs) ? 0 : registeredMs,
  };
}
