import {Resources} from '../../../allocator/resources.ts';
import {parseResources} from '../../../allocator/text-form.ts';
import {decodeJson} from '../../../api/mesos/v1/json.ts';
import {resourceSchema} from '../../../api/mesos/v1/resources.ts';
import {list, message} from '../../../api/mesos/v1/schema.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {resourcesFromWire} from '../core/resource-conversion.ts';

const resourcesSchema = message({resources: list(1, resourceSchema)});

/**
 * The resources that an agent reports, in either form of Mesos's `--resources`: `cpus:4;mem:8192`, or a JSON list of
 * resources of the v1 API. The list can also describe revocable resources and the source of a disk.
 */
export function reportedResources(text: string): Result<Resources, string> {
  if (!text.trimStart().startsWith('[')) return parseResources(text);
  const json = parse(text);
  if (!json.ok) return json;
  const decoded = decodeJson(resourcesSchema, {resources: json.value});
  if (!decoded.ok) return err(`resources: ${decoded.error}`);
  const {resources = []} = decoded.value;
  const made = resources.find(
    ({disk, shared, reservations = []}) =>
      disk?.persistence !== undefined || shared !== undefined || reservations.some(({type}) => type === 'DYNAMIC'),
  );
  if (made !== undefined)
    return err(`resources: dynamic reservations and volumes are not the agent's to make: ${made.name}`);
  const converted = resourcesFromWire(resources);
  return converted.ok ? converted : err(`resources: ${converted.error}`);
}

/** An estimate of what is allocated but not used, all of it revocable: `cpus:2`. */
export function oversubscribedResources(text: string): Result<Resources, string> {
  const parsed = parseResources(text);
  if (!parsed.ok) return err(`oversubscribed: ${parsed.error}`);
  const list = parsed.value.list();
  const odd = list.find(({value, reservations = []}) => value.kind !== 'scalar' || reservations.length > 0);
  if (odd !== undefined) return err(`oversubscribed: want scalars without a role, as in cpus:2, got ${odd.name}`);
  return ok(Resources.of(list.map(resource => ({...resource, revocable: true}))));
}

function parse(text: string): Result<unknown, string> {
  try {
    return ok(JSON.parse(text));
  } catch (error) {
    return err(`resources: ${error instanceof Error ? error.message : String(error)}`);
  }
}
