import type {AgentReport} from './agent-object.ts';

/** Whether something that was offered no longer can be; what cannot be compared counts as less. */
export function offersLess(before: AgentReport, after: AgentReport): boolean {
  if (after.unschedulable !== undefined && before.unschedulable === undefined) return true;
  if ((after.maxTasks ?? Infinity) < (before.maxTasks ?? Infinity)) return true;
  if (before.resources === after.resources) return false;
  const now = new Map(itemsOf(after.resources));
  return itemsOf(before.resources).some(([name, value]) => {
    const left = now.get(name);
    if (left === value) return false;
    return left === undefined || !(Number(left) >= Number(value));
  });
}

const itemsOf = (text: string): readonly (readonly [string, string])[] =>
  text.split(';').map(item => [item.slice(0, item.indexOf(':')), item.slice(item.indexOf(':') + 1)] as const);
