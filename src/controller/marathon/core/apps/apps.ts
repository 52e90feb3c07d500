import {considerChange, considerDeletion} from './changes.ts';
import {cancelDeployment, report} from '../deployments/deploy.ts';
import {isLaunched} from '../instances/instance.ts';
import {queueKill, removeInstance} from '../instances/kills.ts';
import {newApp, type App, type AppObject, type Block, type Turn} from '../state.ts';

export function onAppSeen(turn: Turn, object: AppObject): void {
  const {state} = turn;
  const known = state.apps.get(object.name);
  // Deleted and made again between two looks: another app under the same name.
  if (known !== undefined && known.object.uid !== object.uid) onAppGone(turn, object.name, known.object.uid);
  const app = state.apps.get(object.name) ?? newApp(object);
  app.object = object;
  state.apps.set(object.name, app);
  const claims = state.claims.get(object.id) ?? new Set();
  state.claims.set(object.id, claims.add(object.name));
  if (state.ready) considerClaims(turn, app);
}

export function onAppGone(turn: Turn, name: string, uid: string): void {
  const {state} = turn;
  const app = state.apps.get(name);
  if (app === undefined || app.object.uid !== uid) return;
  for (const instance of [...app.instances.values()]) {
    const {task} = instance;
    removeInstance(turn, app, instance);
    if (task !== undefined && isLaunched(instance)) queueKill(turn, task.taskId, task.agent.agentId);
  }
  app.definition = undefined;
  state.apps.delete(name);
  const claims = state.claims.get(app.object.id);
  claims?.delete(name);
  if (claims?.size === 0) state.claims.delete(app.object.id);
  // Another object that claimed the id may have its turn now.
  for (const other of claims ?? []) considerByName(turn, other);
}

/** Looks at an app and at every other object that claims its id: who of them owns it may have changed. */
function considerClaims(turn: Turn, app: App): void {
  for (const name of turn.state.claims.get(app.object.id) ?? []) considerByName(turn, name);
}

function considerByName(turn: Turn, name: string): void {
  const app = turn.state.apps.get(name);
  if (app !== undefined && turn.state.ready) consider(turn, app);
}

/** Compares an app's object with what is in force and begins what follows from the difference. */
export function consider(turn: Turn, app: App): void {
  turn.touched.add(app);
  const {object} = app;
  if (object.deleting) return considerDeletion(turn, app);
  const block = blockOf(turn, app);
  if (block !== undefined) return setBlock(turn, app, block);
  if (!object.definition.ok) return;
  if (!object.claimed) turn.effects.push({kind: 'claim-app', name: object.name, uid: object.uid});
  const problem = considerChange(turn, app, object.definition.value);
  if (problem === undefined) app.block = undefined;
  else setBlock(turn, app, problem);
}

function blockOf(turn: Turn, {object}: App): Block | undefined {
  const owner = ownerOf(turn, object);
  if (owner !== object.name) {
    return {reason: 'DuplicateId', message: `${object.id} belongs to the older MarathonApp ${owner}`};
  }
  return object.definition.ok ? undefined : {reason: 'InvalidSpec', message: object.definition.error};
}

/** The oldest object that claims an id owns it. */
function ownerOf(turn: Turn, {id, name}: AppObject): string {
  const claims = [...(turn.state.claims.get(id) ?? [])].flatMap(claim => turn.state.apps.get(claim)?.object ?? []);
  const oldest = claims.toSorted((a, b) => compare(a.createdAt, b.createdAt) || compare(a.name, b.name))[0];
  return oldest?.name ?? name;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function setBlock(turn: Turn, app: App, block: Block): void {
  if (app.block?.message !== block.message) report(turn, app, 'Warning', block.reason, block.message);
  app.block = block;
  app.definition = undefined;
  if (app.deployment !== undefined) cancelDeployment(turn, app, block.message);
}
