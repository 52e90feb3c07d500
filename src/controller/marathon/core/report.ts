import type {App, Turn} from './state.ts';

/** An event on the app's object. */
export function report(turn: Turn, app: App, type: 'Normal' | 'Warning', reason: string, message: string): void {
  turn.effects.push({kind: 'kube-event', name: app.object.name, uid: app.object.uid, type, reason, message});
}
