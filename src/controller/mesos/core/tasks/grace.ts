import type {TaskInfo} from '../../../../api/mesos/v1/common.ts';
import type {Launch} from './task.ts';

/** Between SIGTERM and SIGKILL, unless kill or task say otherwise: the command executor's. */
const DEFAULT_GRACE_SECONDS = 3;

/** What the tasks' own kill policies say: the longest counts, since they share a pod. */
export const graceOf = ({tasks}: Pick<Launch, 'tasks'>): number => Math.max(...tasks.map(({info}) => ownGrace(info)));

const ownGrace = ({kill_policy}: TaskInfo): number =>
  toSeconds(kill_policy?.grace_period?.nanoseconds) ?? DEFAULT_GRACE_SECONDS;

/** Whole seconds, rounded up, and at least 1: with a grace of 0 Kubernetes forgets a pod that may still run. */
export const toSeconds = (nanoseconds: number | undefined): number | undefined =>
  nanoseconds === undefined ? undefined : Math.max(1, Math.ceil(nanoseconds / 1e9));
