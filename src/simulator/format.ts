/** `250 ms`, `45 s`, `3.5 min`, `2 h`. */
export function shortDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${digits(ms / 1000)} s`;
  if (ms < 3_600_000) return `${digits(ms / 60_000)} min`;
  return `${digits(ms / 3_600_000)} h`;
}

const digits = (value: number): string => (value >= 10 ? Math.round(value) : Math.round(value * 10) / 10).toString();

export const percent = (part: number): string => `${(part * 100).toFixed(part < 0.1 && part > 0 ? 1 : 0)} %`;

/** `320 cpus, 1280 GiB mem`. Memory and disk come in MiB. */
export const formatAmounts = (amounts: ReadonlyMap<string, number>): string =>
  Array.from(amounts, ([name, amount]) => `${amountText(name, amount)} ${name}`).join(', ');

/** Without the name. */
export function amountText(name: string, amount: number): string {
  if (name !== 'mem' && name !== 'disk') return amount.toLocaleString('en-US', {maximumFractionDigits: 1});
  if (amount >= 1024 * 1024) return `${(amount / 1024 / 1024).toFixed(1)} TiB`;
  return amount >= 1024 ? `${Math.round(amount / 1024)} GiB` : `${Math.round(amount)} MiB`;
}
