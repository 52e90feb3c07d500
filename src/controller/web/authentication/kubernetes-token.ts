import {createHash} from 'node:crypto';
import {Type} from 'typebox';
import {Value} from 'typebox/value';
import {explainKubeError} from '../../../kube/kube-error.ts';
import type {KubeClient} from '../../../kube/types.ts';
import type {Clock} from '../../../lib/clock.ts';
import {jsonOf} from '../../../lib/json-text.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {Remembered} from '../../access/remembered.ts';
import type {Identity} from '../../runtime/caller.ts';
import {type Authenticator, credentialsFor, type NotShown} from './authenticator.ts';

type Answer = Result<Identity, NotShown>;

/** As long as Kubernetes itself believes a token that it has asked about. */
const KEEP_MS = 10_000;
const MOST_TOKENS = 1000;
const REVIEWS = '/apis/authentication.k8s.io/v1/tokenreviews';

const REVIEW = Type.Object({
  status: Type.Object({
    authenticated: Type.Optional(Type.Boolean()),
    error: Type.Optional(Type.String()),
    user: Type.Optional(
      Type.Object({username: Type.Optional(Type.String()), groups: Type.Optional(Type.Array(Type.String()))}),
    ),
  }),
});

/** Bearer tokens that the API server knows: of service accounts and of people. */
export function kubernetesAuthenticator(client: Pick<KubeClient, 'raw'>, clock: Clock): Authenticator {
  const known = new Remembered<Answer>(clock, KEEP_MS, MOST_TOKENS);
  return {
    scheme: 'Bearer',
    identify: shown => {
      const token = credentialsFor('Bearer', shown);
      if (token === undefined) return undefined;
      const key = createHash('sha256').update(token).digest('base64');
      return known.get(
        key,
        () => review(client, token),
        answer => answer.ok || answer.error.kind === 'wrong',
      );
    },
  };
}

async function review(client: Pick<KubeClient, 'raw'>, token: string): Promise<Answer> {
  const body = {apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: {token}};
  const answer = await client.raw('POST', REVIEWS, body);
  if (!answer.ok) return err({kind: 'unavailable', reason: `TokenReview: ${explainKubeError(answer.error)}`});
  const read = readReview(answer.value.text);
  if (read === undefined) return err({kind: 'unavailable', reason: 'TokenReview: the answer is no TokenReview'});
  const {authenticated, user} = read.status;
  return authenticated === true && user?.username !== undefined
    ? ok({principal: user.username, groups: user.groups ?? []})
    : err({kind: 'wrong', reason: 'Kubernetes does not know the token'});
}

function readReview(text: string) {
  const json = jsonOf(text);
  return Value.Check(REVIEW, json) ? json : undefined;
}
