import type {RestoredFramework} from '../core/commands.ts';
import type {FrameworkView} from '../objects/framework-object.ts';

/** Frameworks of an earlier master. Those whose object is being deleted come too: their teardown follows. */
export const recoveredFrameworks = (views: readonly FrameworkView[]): readonly RestoredFramework[] =>
  views.flatMap(({framework}) => (framework === undefined ? [] : [framework]));
