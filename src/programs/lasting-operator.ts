import type {OperatorOptions} from '../controller/operator-options.ts';
import {type Operator, startOperator} from '../controller/operator.ts';
import {ok, type Result} from '../lib/result.ts';

export type LastingOptions = Omit<OperatorOptions, 'identity' | 'onFatal' | 'onAbdicated'> & {
  /** A new name for each operator. */
  readonly newIdentity: () => string;
  /** Before each operator begins: makes sure that the Lease of the one before is not waited for. */
  readonly beforeStart: () => Promise<void>;
};

/** `leading` resolves when the first of its operators leads. */
export type LastingOperator = Operator;

const PAUSE_MS = 500;

/**
 * An operator for a process that nothing starts again. It may lose its Lease (the process was paused, the disk was
 * full), or its state can't be trusted. Then another one begins in its place, on the same ports, and finds out what runs.
 * Only for a process that is alone: nobody else can have become the leader meanwhile.
 *
 * @returns an error when the first one can't start
 */
export async function startLastingOperator(options: LastingOptions): Promise<Result<LastingOperator, string>> {
  const {clock, log, newIdentity, beforeStart, ...rest} = options;
  const leading = Promise.withResolvers<void>();
  let stopping: Promise<void> | undefined;
  let changing = Promise.resolve();
  let current: Operator | undefined;

  const begin = async (ports: {master: number; marathon: number}): Promise<Result<Operator, string>> => {
    await beforeStart();
    const change = once(reason => {
      changing = changing.then(() => beginAgain(reason));
    });
    const started = await startOperator({
      ...rest,
      clock,
      log,
      identity: newIdentity(),
      master: {...rest.master, port: ports.master},
      marathonAddress: {...rest.marathonAddress, port: ports.marathon},
      onAbdicated: () => change('the leadership was given up'),
      onFatal: change,
    });
    if (started.ok) void started.value.leading.then(leading.resolve);
    return started;
  };

  const beginAgain = async (reason: string): Promise<void> => {
    if (stopping !== undefined || current === undefined) return;
    log.warn('master and Marathon begin again; agents and tasks go on', {reason});
    const ports = {master: portOf(current.mesosUrl), marathon: portOf(current.marathonUrl)};
    await current.stop();
    while (stopping === undefined) {
      const begun = await begin(ports).catch((error: unknown) => ({ok: false as const, error: String(error)}));
      if (begun.ok) {
        current = begun.value;
        return;
      }
      log.error('master and Marathon can not begin again yet', {reason: begun.error});
      await new Promise<void>(resolve => clock.after(PAUSE_MS, resolve));
    }
  };

  const first = await begin({master: options.master.port, marathon: options.marathonAddress.port});
  if (!first.ok) return first;
  current = first.value;
  return ok({
    mesosUrl: first.value.mesosUrl,
    marathonUrl: first.value.marathonUrl,
    leading: leading.promise,
    stop: () => (stopping ??= changing.then(() => current?.stop())),
  });
}

const portOf = (url: string): number => Number(new URL(url).port);

function once(action: (reason: string) => void): (reason: string) => void {
  let done = false;
  return reason => {
    if (done) return;
    done = true;
    action(reason);
  };
}
