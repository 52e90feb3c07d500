import type {MarathonAppSpec} from '../../../../crds/marathon-app.ts';

/** When a definition came to be, and what it changed last. */
export type VersionInfo = {
  readonly version: string;
  readonly lastScalingAt: string;
  readonly lastConfigChangeAt: string;
};

/** A version of an app: what was asked for, and what Marathon added. */
export type AppVersion = VersionInfo & {readonly spec: MarathonAppSpec; readonly servicePorts: readonly number[]};
