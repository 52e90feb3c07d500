type Plain = string | number | bigint | boolean | symbol | null | undefined;

/**
 * A value as its readers see it: nothing in it can be changed, at any depth. Unlike `ReadonlyDeep` of type-fest it leaves
 * classes with private fields what they are.
 *
 * @typeParam Leaf classes whose instances never change: they stay as they are
 */
// Functions have no properties that anybody would change; a mapped type would lose that they can be called.
export type DeepReadonly<T, Leaf = never> = T extends Plain | Leaf | ((...args: never[]) => unknown)
  ? T
  : T extends ReadonlyMap<infer Key, infer Value>
    ? ReadonlyMap<Key, DeepReadonly<Value, Leaf>>
    : T extends ReadonlySet<infer Member>
      ? ReadonlySet<Member>
      : {readonly [Name in keyof T]: DeepReadonly<T[Name], Leaf>};
