import {apiVersionOf, type Kind} from './kinds.ts';
import type {ApiObject} from './object.ts';
import type {JsonObject} from './schema/json.ts';

/** core/v1 Event fields that events.k8s.io/v1 calls otherwise. */
const EVENT_NAMES: readonly (readonly [core: string, events: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
];

const isEventsGroup = (kind: Kind): boolean => kind.group === 'events.k8s.io';

/** A stored object as `kind` shows it. The same object when nothing differs, so that its text is made once. */
export function toView(kind: Kind, stored: ApiObject): ApiObject {
  if (isEventsGroup(kind)) return renameEvent(stored, kind, ([core, events]) => [core, events]);
  const apiVersion = apiVersionOf(kind);
  return stored.apiVersion === apiVersion ? stored : {...stored, apiVersion};
}

/** The opposite: what a client sent, as it is stored. `apiVersion` is that of the storage version. */
export function toStored(kind: Kind, sent: ApiObject, apiVersion: string): ApiObject {
  if (isEventsGroup(kind)) {
    return renameEvent(sent, {group: '', version: 'v1'}, ([core, events]) => [events, core]);
  }
  return {...sent, apiVersion};
}

function renameEvent(
  event: ApiObject,
  to: Pick<Kind, 'group' | 'version'>,
  direction: (names: readonly [string, string]) => readonly [from: string, to: string],
): ApiObject {
  const renamed: ApiObject = {...event, apiVersion: apiVersionOf(to)};
  for (const [from, into] of EVENT_NAMES.map(direction)) {
    const value = event[from];
    delete renamed[from];
    if (value !== undefined) renamed[into] = value;
  }
  return renamed;
}

/** An object as PartialObjectMetadata. */
export const metadataOnly = (object: ApiObject): JsonObject => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata: object.metadata,
});
