import {apiVersionOf, type Kind} from '../kinds.ts';
import type {ApiObject} from '../object.ts';
import {trackUpdate} from '../patch/apply.ts';
import type {WriteRequest} from './request.ts';
import {schemaOfKind} from './shape.ts';

/** Records in `metadata.managedFields` who wrote what, for a write that was no server-side apply. */
export function track(request: WriteRequest, before: ApiObject | undefined, after: ApiObject, nowIso: string): void {
  const {kind, fieldManager, subresource} = request;
  const managedFields = trackUpdate({
    schema: schemaOfKind(kind),
    before,
    after,
    manager: fieldManager,
    apiVersion: apiVersionOf(kind),
    subresource,
    nowIso,
    resetFields: resetFields(kind, subresource),
  });
  if (managedFields.length > 0) after.metadata.managedFields = managedFields;
  else delete after.metadata.managedFields;
}

/** Top-level fields that a write through this path leaves as they are, so that nobody comes to own them by it. */
export function resetFields(kind: Kind, subresource: string | undefined): readonly string[] {
  if (subresource === 'status') return Object.keys(schemaOfKind(kind).properties ?? {}).filter(isNotStatus);
  return kind.statusIsolated ? ['status'] : [];
}

const isNotStatus = (field: string): boolean => !['apiVersion', 'kind', 'metadata', 'status'].includes(field);
