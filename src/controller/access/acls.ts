import {Type} from 'typebox';
import {Value} from 'typebox/value';
import {jsonOf} from '../../lib/json-text.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import {type Action, ACTIONS, type Asked, namesFor} from './actions.ts';

/** Whom or what an entry is about. `none`: it fits everything, and forbids it. */
type Entity = 'any' | 'none' | ReadonlySet<string>;
type Entry = {readonly principals: Entity; readonly objects: Entity};

/** Access control lists as Mesos has them. `permissive`: what no entry is about is allowed. */
export type Acls = {
  readonly permissive: boolean;
  readonly entries: ReadonlyMap<Action, readonly Entry[]>;
  readonly text: string;
};

const ENTITY = Type.Object({
  type: Type.Optional(Type.Enum(['ANY', 'NONE', 'SOME'])),
  values: Type.Optional(Type.Array(Type.String())),
});
const FILE = Type.Record(Type.String(), Type.Unknown());
const ENTRIES = Type.Array(Type.Record(Type.String(), ENTITY));

/** Reads ACLs. A word that is none of theirs is an error: misspelt, it would allow what it should forbid. */
export function parseAcls(text: string): Result<Acls, string> {
  const json = jsonOf(text);
  if (!Value.Check(FILE, json)) return err('want a JSON object of ACLs');
  const {permissive = true, ...lists} = json;
  if (typeof permissive !== 'boolean') return err('permissive: want true or false');
  const entries = new Map<Action, readonly Entry[]>();
  for (const [name, list] of Object.entries(lists)) {
    if (!isAction(name)) return err(`${name}: there is no such action`);
    const read = readEntries(name, list);
    if (!read.ok) return err(`${name}: ${read.error}`);
    entries.set(name, read.value);
  }
  return ok({permissive, entries, text: JSON.stringify(json)});
}

const isAction = (name: string): name is Action => Object.hasOwn(ACTIONS, name);

function readEntries(action: Action, list: unknown): Result<readonly Entry[], string> {
  const {key, kind} = ACTIONS[action];
  if (!Value.Check(ENTRIES, list)) return err(`want a list of {"principals", "${key}"}`);
  const entries: Entry[] = [];
  for (const {principals, [key]: objects, ...others} of list) {
    if (principals === undefined || objects === undefined || Object.keys(others).length > 0)
      return err(`want principals and ${key} in each entry, and nothing else`);
    const entry = {principals: entityOf(principals), objects: entityOf(objects)};
    if (kind === 'whole' && typeof entry.objects === 'object')
      return err(`${key}: want {"type": "ANY"} or {"type": "NONE"}`);
    entries.push(entry);
  }
  return ok(entries);
}

function entityOf({type = 'SOME', values = []}: {type?: string; values?: readonly string[]}): Entity {
  return type === 'ANY' ? 'any' : type === 'NONE' ? 'none' : new Set(values);
}

/** The first entry that fits decides. @param principal undefined: nobody has shown who it is */
export function allows(acls: Acls, principal: string | undefined, {action, object}: Asked): boolean {
  const names = object === undefined ? undefined : namesFor(action, object);
  for (const {principals, objects} of acls.entries.get(action) ?? []) {
    if (fits(principals, principal === undefined ? undefined : [principal]) && fits(objects, names))
      return principals !== 'none' && objects !== 'none';
  }
  return acls.permissive;
}

/** @param names any of them will do; undefined: whoever it is, whatever it is */
const fits = (entity: Entity, names: readonly string[] | undefined): boolean =>
  typeof entity === 'string' || names?.some(name => entity.has(name)) === true;

/** Whether nothing could be denied: no entry is about the action, and what nothing is said about is allowed. */
export const allowsAll = ({permissive, entries}: Acls, action: Action): boolean =>
  permissive && (entries.get(action) ?? []).length === 0;
