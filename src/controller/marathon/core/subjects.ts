import type {Subject} from '../../../lib/blame.ts';
import type {App, AppObject} from './state.ts';

/** For whom code runs, should it fail. Another version: the object asks for something else, or is another object. */
export const subjectOfObject = ({name, uid, generation, config, deleting}: AppObject): Subject => ({
  kind: 'MarathonApp',
  name,
  version: `${uid} ${generation} ${config} ${deleting}`,
});

export const subjectOfApp = ({object}: App): Subject => subjectOfObject(object);
