const SUFFIX = new Map([
  ['', 1],
  ['n', 1e-9],
  ['u', 1e-6],
  ['m', 1e-3],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
  ['P', 1e15],
  ['E', 1e18],
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
  ['Ti', 2 ** 40],
  ['Pi', 2 ** 50],
  ['Ei', 2 ** 60],
]);

/**
 * A Kubernetes quantity (`100m`, `128Mi`, `1e3`, 0.5) in its base unit: cores or bytes.
 *
 * @returns undefined when it is none
 */
export function parseQuantity(quantity: string | number): number | undefined {
  if (typeof quantity === 'number') return quantity;
  const match = /^([+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?[0-9]+\.)([a-zA-Z]*)$/.exec(quantity);
  const factor = SUFFIX.get(match?.[2] ?? '');
  const number = Number(match?.[1]);
  return match === null || factor === undefined || !Number.isFinite(number) ? undefined : number * factor;
}
