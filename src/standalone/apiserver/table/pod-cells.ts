import {isObject, type JsonObject, type JsonValue, memberOf, objectAt, stringAt} from '../schema/json.ts';
import {ageOf} from './duration.ts';

export const listAt = (value: JsonValue | undefined, ...path: readonly string[]): readonly JsonObject[] => {
  const found = path.reduce<JsonValue | undefined>((at, key) => memberOf(at, key), value);
  return Array.isArray(found) ? found.filter(isObject) : [];
};

const numberAt = (value: JsonValue | undefined, key: string): number => {
  const found = memberOf(value, key);
  return typeof found === 'number' ? found : 0;
};

/** Native sidecars count as containers of the pod. */
const isSidecar = (container: JsonObject): boolean => container['restartPolicy'] === 'Always';

type ContainerStatus = {readonly status: JsonObject; readonly sidecar: boolean};

function statusesOf(pod: JsonObject): {
  readonly init: readonly ContainerStatus[];
  readonly main: readonly JsonObject[];
} {
  const sidecars = new Set(
    listAt(pod, 'spec', 'initContainers')
      .filter(isSidecar)
      .map(container => container['name']),
  );
  return {
    init: listAt(pod, 'status', 'initContainerStatuses').map(status => ({
      status,
      sidecar: sidecars.has(status['name'] ?? ''),
    })),
    main: listAt(pod, 'status', 'containerStatuses'),
  };
}

const longRunning = (pod: JsonObject): readonly JsonObject[] => {
  const {init, main} = statusesOf(pod);
  return [...init.filter(({sidecar}) => sidecar).map(({status}) => status), ...main];
};

/** `READY`: `1/2`. */
export function podReady(pod: JsonObject): string {
  const wanted =
    listAt(pod, 'spec', 'containers').length + listAt(pod, 'spec', 'initContainers').filter(isSidecar).length;
  return `${longRunning(pod).filter(isUp).length}/${wanted}`;
}

const isUp = (status: JsonObject): boolean =>
  status['ready'] === true && objectAt(objectAt(status, 'state'), 'running') !== undefined;

/** `RESTARTS`: `0`, or `3 (5m ago)`. Before the main containers start, the init containers' restarts count. */
export function podRestarts(pod: JsonObject, nowMs: number): string {
  const {init} = statusesOf(pod);
  const starting = initReason(pod) !== undefined;
  const counted = starting ? init.map(({status}) => status) : longRunning(pod);
  const total = counted.reduce((sum, status) => sum + numberAt(status, 'restartCount'), 0);
  const ends = counted.flatMap(
    status => stringAt(objectAt(objectAt(status, 'lastState'), 'terminated'), 'finishedAt') ?? [],
  );
  const last = ends.sort().at(-1);
  return total === 0 || last === undefined ? String(total) : `${total} (${ageOf(last, nowMs)} ago)`;
}

/** `STATUS`: the phase, or what says more about the pod than its phase. */
export function podStatus(pod: JsonObject): string {
  const status = objectAt(pod, 'status');
  const metadata = objectAt(pod, 'metadata');
  const phase = stringAt(status, 'phase') ?? '';
  const reason = initReason(pod) ?? mainReason(pod) ?? (stringAt(status, 'reason') || phase);
  if (stringAt(metadata, 'deletionTimestamp') === undefined) return reason === '' ? 'Unknown' : reason;
  if (stringAt(status, 'reason') === 'NodeLost') return 'Unknown';
  return phase === 'Failed' || phase === 'Succeeded' ? reason : 'Terminating';
}

function initReason(pod: JsonObject): string | undefined {
  const {init} = statusesOf(pod);
  const total = listAt(pod, 'spec', 'initContainers').length;
  for (const [index, {status, sidecar}] of init.entries()) {
    const state = objectAt(status, 'state');
    const terminated = objectAt(state, 'terminated');
    if (terminated !== undefined && terminated['exitCode'] === 0) continue;
    if (sidecar && status['started'] === true) continue;
    if (terminated !== undefined) return `Init:${endReason(terminated)}`;
    const waiting = stringAt(objectAt(state, 'waiting'), 'reason') ?? '';
    return waiting !== '' && waiting !== 'PodInitializing' ? `Init:${waiting}` : `Init:${index}/${total}`;
  }
  return undefined;
}

function endReason(terminated: JsonObject): string {
  const reason = stringAt(terminated, 'reason') ?? '';
  if (reason !== '') return reason;
  const signal = numberAt(terminated, 'signal');
  return signal === 0 ? `ExitCode:${numberAt(terminated, 'exitCode')}` : `Signal:${signal}`;
}

/** The first container that waits or has ended names the pod's state. */
function mainReason(pod: JsonObject): string | undefined {
  const {main} = statusesOf(pod);
  const reasons = main.flatMap(status => {
    const state = objectAt(status, 'state');
    const waiting = stringAt(objectAt(state, 'waiting'), 'reason') ?? '';
    const terminated = objectAt(state, 'terminated');
    if (waiting !== '') return [waiting];
    return terminated === undefined ? [] : [endReason(terminated)];
  });
  const [reason] = reasons;
  if (reason !== 'Completed' || !main.some(isUp)) return reason;
  return hasReadyCondition(pod) ? 'Running' : 'NotReady';
}

const hasReadyCondition = (pod: JsonObject): boolean =>
  listAt(pod, 'status', 'conditions').some(({type, status}) => type === 'Ready' && status === 'True');

/** `READINESS GATES`: `1/2`, or `<none>`. */
export function readinessGates(pod: JsonObject): string {
  const gates = listAt(pod, 'spec', 'readinessGates').map(gate => gate['conditionType']);
  if (gates.length === 0) return '<none>';
  const met = listAt(pod, 'status', 'conditions').filter(
    ({type, status}) => status === 'True' && gates.includes(type ?? ''),
  );
  return `${met.length}/${gates.length}`;
}
