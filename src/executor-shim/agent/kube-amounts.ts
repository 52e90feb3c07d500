import {parseQuantity} from '../../kube/quantity.ts';

/** Kubernetes's text form, as in `{cpu: '100m', memory: '64Mi'}`. */
export type ResourceList = Readonly<Record<string, string | number>>;

/** Whole amounts by Kubernetes's names: `cpu` in thousandths of a core, the others in their units (bytes, pieces). */
export type Amounts = ReadonlyMap<string, number>;

/** Digits beyond these are the noise of floating point, not a request. */
const DIGITS = 6;

/** What is asked for: rounded up, as the kubelet counts it. */
export const requested = (list: ResourceList | undefined): Amounts => amounts(list, Math.ceil);

/** What there is: rounded down. */
export const available = (list: ResourceList | undefined): Amounts => amounts(list, Math.floor);

const amounts = (list: ResourceList = {}, round: (amount: number) => number): Amounts =>
  new Map(
    Object.entries(list).map(([name, quantity]) => {
      const units = (parseQuantity(quantity) ?? 0) * (name === 'cpu' ? 1000 : 1);
      return [name, round(Number(units.toFixed(DIGITS)))];
    }),
  );

export const plus = (a: Amounts, b: Amounts): Amounts => merge(a, b, (left, right) => left + right);

/** The larger of each. */
export const largest = (a: Amounts, b: Amounts): Amounts => merge(a, b, Math.max);

function merge(a: Amounts, b: Amounts, join: (left: number, right: number) => number): Amounts {
  const merged = new Map(a);
  for (const [name, amount] of b) merged.set(name, join(merged.get(name) ?? 0, amount));
  return merged;
}
