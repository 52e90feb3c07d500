import {type TSchema, Type} from 'typebox';
import {MARATHON_APPS} from '../../../crds/marathon-app.ts';

/** What a change answers with. */
export const DEPLOYMENT_RESULT = Type.Object({version: Type.String(), deploymentId: Type.String()});

/** Schemas that descriptions refer to by name. */
export const NAMED_SCHEMAS: Readonly<Record<string, TSchema>> = {
  App: MARATHON_APPS.spec,
  DeploymentResult: DEPLOYMENT_RESULT,
};
