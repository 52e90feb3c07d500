/** Who makes a call. */
export type Caller = {
  /** Undefined: the caller has not shown who it is. */
  readonly principal: string | undefined;
  readonly transport: 'http' | 'in-process';
  /** IP address of the other end; undefined in this process. */
  readonly address?: string | undefined;
};
