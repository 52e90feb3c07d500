import {err, ok, type Result} from '../../lib/result.ts';
import {type ApiError, methodNotAllowed} from './errors.ts';
import {objectAt} from './fields.ts';
import {apiVersionOf, type Kind} from './kinds.ts';
import type {JsonObject} from './schema/json.ts';

/** The one user of this server: whoever holds its token may do everything. */
const USER = {username: 'standalone-admin', groups: ['system:masters', 'system:authenticated']};

const EVERYTHING = [{verbs: ['*'], apiGroups: ['*'], resources: ['*']}];
const EVERY_PATH = [{verbs: ['*'], nonResourceURLs: ['*']}];

/** Answers a review: kinds that are questions, asked by POST and stored nowhere. */
export function review(kind: Kind, question: JsonObject): Result<JsonObject, ApiError> {
  const status = statusOfReview(kind.plural);
  if (status === undefined) return err(methodNotAllowed());
  const metadata = objectAt(question, 'metadata') ?? {};
  return ok({...question, kind: kind.kind, apiVersion: apiVersionOf(kind), metadata, status});
}

function statusOfReview(plural: string): JsonObject | undefined {
  switch (plural) {
    case 'selfsubjectaccessreviews':
      return {allowed: true, reason: 'whoever holds the token may do everything'};
    case 'selfsubjectrulesreviews':
      return {resourceRules: EVERYTHING, nonResourceRules: EVERY_PATH, incomplete: false};
    case 'selfsubjectreviews':
      return {userInfo: USER};
    default:
      return undefined;
  }
}
