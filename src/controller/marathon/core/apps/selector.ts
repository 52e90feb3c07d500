import {shortHash} from '../ids.ts';
import {TASK_LABELS} from '../launch/task-info.ts';

const LONGEST_LABEL_VALUE = 63;

/** The object's name as a label value; a hash of it when it is too long for one. */
export const selectorName = (objectName: string): string =>
  objectName.length <= LONGEST_LABEL_VALUE ? objectName : shortHash(objectName, 40);

/** Selects the pods of an app's tasks. */
export const podSelector = (objectName: string): string => `${TASK_LABELS.name}=${selectorName(objectName)}`;
