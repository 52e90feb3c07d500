import type {MarathonError} from '../../../api/marathon/v2/errors.ts';
import type {ChangeError} from '../calls/change-app.ts';

/** Why a change failed, in the words of the interface. */
export function errorOf(error: ChangeError<MarathonError>): MarathonError {
  switch (error.kind) {
    case 'refused':
      return error.error;
    case 'too-many-deployments':
      return {kind: 'too-many-deployments', most: error.most};
    case 'locked':
      return {kind: 'app-locked', deploymentIds: error.deployments};
    case 'invalid':
      return {kind: 'invalid-object', violations: [{path: '/', errors: [error.message]}]};
    case 'unavailable':
      return {kind: 'storage', message: error.message};
    default:
      return error satisfies never;
  }
}
