import {decodeJson} from '../../../api/mesos/v1/json.ts';
import {type Resource, resourceSchema} from '../../../api/mesos/v1/resources.ts';
import {list, message} from '../../../api/mesos/v1/schema.ts';
import {explainTooMuch} from '../../../lib/limits.ts';
import {readJson} from '../../../lib/bounded-json.ts';
import {err, ok} from '../../../lib/result.ts';
import type {MasterRoute} from './master-doors.ts';
import type {AnsweredCall} from '../calls/operator-gate.ts';
import {performs, type ReadCall} from './perform-call.ts';

type MakeCall = (agentId: {value: string}, resources: readonly Resource[]) => AnsweredCall;

const resourcesSchema = message({resources: list(1, resourceSchema)});

/** `slaveId=…&resources=<JSON list>` */
const readForm =
  (field: string, make: MakeCall): ReadCall =>
  ({body}) => {
    const form = body instanceof URLSearchParams ? body : new URLSearchParams();
    const [slaveId, text] = [form.get('slaveId'), form.get(field)];
    if (slaveId === null) return err({status: 400, message: "Missing 'slaveId' query parameter"});
    if (text === null) return err({status: 400, message: `Missing '${field}' query parameter`});
    const json = readJson(new TextEncoder().encode(text));
    if (!json.ok) {
      const why = json.error.kind === 'too-much' ? explainTooMuch(json.error) : json.error.message;
      return err({status: 400, message: `Failed to parse body into JSON: ${why}`});
    }
    const decoded = decodeJson(resourcesSchema, {resources: json.value});
    if (!decoded.ok) return err({status: 400, message: `Error in parsing '${field}': ${decoded.error}`});
    return ok(make({value: slaveId}, decoded.value.resources ?? []));
  };

const operation = (path: string, does: string, field: string, make: MakeCall): MasterRoute => ({
  method: 'POST',
  path,
  does,
  permission: 'change-reservations',
  answeredBy: 'leader-by-redirect',
  body: {kind: 'form', fields: {slaveId: 'Id of the agent.', [field]: 'A list of resources as JSON.'}},
  answers: [],
  handle: performs(readForm(field, make), 202),
});

/** Reservations and volumes from before the v1 API: the same calls in other words. */
export const RESERVATION_ROUTES: readonly MasterRoute[] = [
  operation('/reserve', 'Reserves resources of an agent for a role.', 'resources', (agent_id, resources) => ({
    type: 'RESERVE_RESOURCES',
    reserve_resources: {agent_id, resources},
  })),
  operation('/unreserve', 'Undoes dynamic reservations.', 'resources', (agent_id, resources) => ({
    type: 'UNRESERVE_RESOURCES',
    unreserve_resources: {agent_id, resources},
  })),
  operation('/create-volumes', 'Makes persistent volumes of reserved disk.', 'volumes', (agent_id, volumes) => ({
    type: 'CREATE_VOLUMES',
    create_volumes: {agent_id, volumes},
  })),
  operation(
    '/destroy-volumes',
    'Destroys persistent volumes with all that is on them.',
    'volumes',
    (agent_id, volumes) => ({
      type: 'DESTROY_VOLUMES',
      destroy_volumes: {agent_id, volumes},
    }),
  ),
];
