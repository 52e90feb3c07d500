import {MARATHON_APPS} from '../../../crds/marathon-app.ts';
import {apiVersionOf} from '../../../kube/resource-path.ts';
import type {EventRecorder} from '../../runtime/events.ts';
import type {Effect} from '../core/effects.ts';
import type {MarathonEvent} from '../core/marathon-event.ts';
import {appKey, type AppWriter} from './app-writer.ts';
import type {DeploymentWriter} from './deployment-writer.ts';
import type {RevisionWriter} from './revision-writer.ts';
import type {GroupWriter} from './group-writer.ts';
import type {CallEffect} from './scheduler-calls.ts';

export type PerformerOptions = {
  readonly namespace: string;
  readonly apps: AppWriter;
  readonly groups: GroupWriter;
  readonly deployments: DeploymentWriter;
  readonly revisions: RevisionWriter;
  readonly recorder: EventRecorder;
  /** An app may have other tasks to ask than before. */
  readonly onAppChanged: (name: string) => void;
  readonly onEvent: (event: MarathonEvent) => void;
  /** Sends a call of the scheduler API. */
  readonly call: (effect: CallEffect) => Promise<void>;
};

/** Does what the core asks for. */
export class Performer {
  readonly #options: PerformerOptions;
  /** Calls go out one after the other, so that an ACCEPT is there before the KILL of its task. */
  #calls: Promise<void> = Promise.resolve();

  constructor(options: PerformerOptions) {
    this.#options = options;
  }

  /** Resolves when the calls that were asked for so far are answered. */
  get called(): Promise<void> {
    return this.#calls;
  }

  perform(effect: Effect): void {
    const {apps, groups, deployments, revisions, onAppChanged, onEvent} = this.#options;
    switch (effect.kind) {
      case 'app-changed':
        onAppChanged(effect.name);
        return apps.changed(effect.name);
      case 'claim-app':
      case 'release-app':
        return apps.finalizer(effect.name);
      case 'keep-app':
        return apps.keep(effect);
      case 'group-changed':
        return groups.changed(effect.id);
      case 'deployment-changed':
        return deployments.changed(effect.id);
      case 'keep-version':
        return void revisions.keep(appKey(effect.name), effect, effect.version);
      case 'marathon-event':
        return onEvent(effect.event);
      case 'kube-event':
        return this.#record(effect);
      default:
        this.#calls = this.#calls.then(() => this.#options.call(effect));
    }
  }

  #record({name, uid, type, reason, message}: Extract<Effect, {kind: 'kube-event'}>): void {
    const {namespace, recorder} = this.#options;
    const about = {apiVersion: apiVersionOf(MARATHON_APPS), kind: MARATHON_APPS.kind, name, namespace, uid};
    recorder.record({about, type, reason, message});
  }
}
