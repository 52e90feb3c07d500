import {shortHash} from '../ids.ts';
import {APP_TASK_LABELS} from '../../../../crds/meta.ts';

const LONGEST_LABEL_VALUE = 63;

/** The object's name as a label value; a hash of it when it is too long for one. */
export const selectorName = (objectName: string): string =>
  objectName.length <= LONGEST_LABEL_VALUE ? objectName : shortHash(objectName, 40);

/** Selects the pods of an app's tasks. */
export const podSelector = (objectName: string): string => `${APP_TASK_LABELS.name}=${selectorName(objectName)}`;
