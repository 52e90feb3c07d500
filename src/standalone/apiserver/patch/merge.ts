import {isObject, type JsonObject, type JsonValue, setMember} from '../schema/json.ts';

/** RFC 7386. Neither argument is changed; the result may share parts with both. */
export function applyMergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged: JsonObject = {...target};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else setMember(merged, key, mergeValue(merged[key], value));
  }
  return merged;
}

const mergeValue = (target: JsonValue | undefined, patch: JsonValue): JsonValue =>
  isObject(patch) ? applyMergePatch(isObject(target) ? target : {}, patch) : patch;
