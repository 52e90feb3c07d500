/** A run of one test file, with one file of the code changed or none. */
export type Request = {
  readonly test: string;
  readonly change: {readonly file: string; readonly text: string} | undefined;
  /** Whether to count which code ran. */
  readonly coverage: boolean;
};

/** As V8 tells it: offsets in the text of a file. */
export type Range = {readonly startOffset: number; readonly endOffset: number; readonly count: number};

export type Response = {
  readonly passed: boolean;
  /** By file of the code, when asked for. */
  readonly ranges: Readonly<Record<string, readonly Range[]>>;
};
