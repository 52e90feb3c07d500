import {APP_FINALIZER} from '../crds/meta.ts';
import {toAppObject} from '../controller/marathon/core/apps/app-object.ts';
import type {AppObject, Settings} from '../controller/marathon/core/state.ts';
import {MARATHON_APPS} from '../crds/marathon-app.ts';
import type {Result} from '../lib/result.ts';
import {err, ok} from '../lib/result.ts';
import {isObject, shown} from '../lib/decoder.ts';

/** Each change of an app is an object of its own generation, as from the API server. */
export type AppVersion = {readonly generation: number; readonly atMs: number};

/**
 * A Marathon app in the form that Marathon's core takes. It need not say what it runs: nothing is run.
 *
 * @returns what is wrong with it
 */
export function appObject(spec: unknown, version: AppVersion, settings: Settings): Result<AppObject, string> {
  if (!isObject(spec) || typeof spec['id'] !== 'string') return err(`want an app with an id, got ${shown(spec)}`);
  const {id} = spec;
  const absolute = id.startsWith('/') ? id : `/${id}`;
  const runs = ['cmd', 'args', 'container'].some(field => spec[field] !== undefined);
  const name = absolute.slice(1).replaceAll('/', '.');
  const object = toAppObject(
    {
      apiVersion: `${MARATHON_APPS.group}/${MARATHON_APPS.version}`,
      kind: MARATHON_APPS.kind,
      metadata: {
        name,
        uid: name,
        generation: version.generation,
        creationTimestamp: new Date(version.atMs).toISOString(),
        finalizers: [APP_FINALIZER],
      },
      spec: {...(runs ? {} : {cmd: 'true'}), ...spec, id: absolute},
    },
    settings.defaults,
  );
  return object.definition.ok ? ok(object) : err(object.definition.error);
}
