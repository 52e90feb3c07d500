import type {TSchema} from 'typebox';
import {MARATHON_APPS, type MarathonAppSpec} from '../../../../crds/marathon-app.ts';
import {isObject} from '../../../../lib/decoder.ts';
import {upgradeStrategyOf} from '../../../../crds/upgrade-strategy.ts';
import {shortHash} from '../ids.ts';

/**
 * Stands for everything whose change replaces the tasks: the spec without `instances` and `executorResources`, and the last
 * restart request.
 * What equals its default is left out, so that a default that a later release adds changes no app's hash.
 */
export function configHash(spec: MarathonAppSpec, restartedAt: string | undefined): string {
  const {id: _id, instances: _instances, executorResources: _executor, upgradeStrategy: _strategy, ...config} = spec;
  const known = {...config, upgradeStrategy: otherThanUsual(spec)};
  return shortHash(`${canonical(withoutDefaults(MARATHON_APPS.spec, known))}\n${restartedAt ?? ''}`, 16);
}

/** Which strategy is the default depends on the app. */
function otherThanUsual(spec: MarathonAppSpec): MarathonAppSpec['upgradeStrategy'] {
  const wanted = upgradeStrategyOf(spec);
  const usual = upgradeStrategyOf({...spec, upgradeStrategy: undefined});
  return canonical(wanted) === canonical(usual) ? undefined : wanted;
}

type Node = TSchema & {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly default?: unknown;
};

function withoutDefaults(schema: Node, value: unknown): unknown {
  if (Array.isArray(value)) {
    const {items} = schema;
    return items === undefined ? value : value.map(item => withoutDefaults(items, item));
  }
  const {properties} = schema;
  if (properties === undefined || !isObject(value)) return value;
  const entries = Object.entries(value).flatMap(([key, child]): [string, unknown][] => {
    const childSchema = properties[key];
    if (childSchema === undefined) return [[key, child]];
    const rest = withoutDefaults(childSchema, child);
    return canonical(rest) === canonical(childSchema.default) ? [] : [[key, rest]];
  });
  return Object.fromEntries(entries);
}

/** JSON with sorted keys; absent and undefined are the same. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, child: unknown) =>
    typeof child === 'object' && child !== null && !Array.isArray(child)
      ? Object.fromEntries(Object.entries(child).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : child,
  );
}
