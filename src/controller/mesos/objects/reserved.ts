import {decodeJson} from '../../../api/mesos/v1/json.ts';
import {resourceSchema} from '../../../api/mesos/v1/resources.ts';
import {operationSchema} from '../../../api/mesos/v1/scheduler.ts';
import {list, message, required, text} from '../../../api/mesos/v1/schema.ts';
import type {MesosAgent} from '../../../crds/mesos-agent.ts';
import type {AgentRecord} from '../core/agents/agent-record.ts';
import type {SavedOperation} from '../core/operations/saved-operation.ts';
import {resourcesFromWire} from '../core/resource-conversion.ts';
import {Resources} from '../../../allocator/resources.ts';
import type {Resource} from '../../../api/mesos/v1/resources.ts';

// What was reserved on an agent, as its object's status keeps it: resources of the v1 API.

type Status = NonNullable<MesosAgent['status']>;

const reservedSchema = message({
  reserved: list(1, resourceSchema),
  operations: list(
    2,
    message({
      frameworkId: required(1, text),
      uuid: required(2, text),
      info: required(3, operationSchema),
    }),
  ),
});

type Saved = {readonly resources: readonly Resource[]; readonly operations: readonly SavedOperation[]};

/** The fields of the status; `null` removes one in a merge patch. */
export const reservationsOf = ({resources, operations}: Saved) => ({
  reserved: resources.length > 0 ? resources : null,
  operations: operations.length > 0 ? operations : null,
});

/** What the status says was reserved; nothing when that cannot be understood, which no master wrote. */
export function reservedBy(status: Status | undefined): AgentRecord['made'] {
  const {reserved, operations} = status ?? {};
  if (reserved === undefined && operations === undefined) return undefined;
  const decoded = decodeJson(reservedSchema, {reserved, operations});
  if (!decoded.ok) return undefined;
  const resources = resourcesFromWire(decoded.value.reserved ?? []);
  return {
    resources: resources.ok ? resources.value : Resources.EMPTY,
    operations: decoded.value.operations ?? [],
  };
}
