import {type TSchema, Type} from 'typebox';
import {limitOf} from '../../../lib/limits.ts';
import {MARATHON_GROUPS} from '../../../crds/marathon-group.ts';
import {MARATHON_APPS} from '../../../crds/marathon-app.ts';

/** Of a group as it is posted; apps and groups inside are read one by one. */
export const GROUP_FIELDS = Type.Object({
  id: Type.Optional(Type.String({maxLength: limitOf('keyLength')})),
  dependencies: MARATHON_GROUPS.spec.properties.dependencies,
  enforceRole: MARATHON_GROUPS.spec.properties.enforceRole,
  scaleBy: Type.Optional(Type.Number({minimum: 0, description: 'Multiplies the instances of all apps inside.'})),
  version: Type.Optional(Type.String({description: 'A version to go back to.'})),
});

/** As far as a description without recursion can say it: `apps` has apps, `groups` more of the same. */
export const GROUP = Type.Object({
  ...GROUP_FIELDS.properties,
  apps: Type.Optional(Type.Array(MARATHON_APPS.spec)),
  groups: Type.Optional(Type.Array(GROUP_FIELDS)),
});

/** What a change answers with. */
export const DEPLOYMENT_RESULT = Type.Object({version: Type.String(), deploymentId: Type.String()});

/** Schemas that descriptions refer to by name. */
export const NAMED_SCHEMAS: Readonly<Record<string, TSchema>> = {
  App: MARATHON_APPS.spec,
  DeploymentResult: DEPLOYMENT_RESULT,
};
