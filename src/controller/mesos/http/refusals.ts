import {explainTooMuch} from '../../../lib/limits.ts';
import type {Answer, Refusal} from '../../web/refusal.ts';

/** Where the leader has a page: relative to the scheme, as in Mesos, so that whoever came over TLS stays there. */
export const redirection = (leader: string, url: string): Answer & {headers: Readonly<Record<string, string>>} => ({
  status: 307,
  body: undefined,
  headers: {Location: `//${leader}${url}`},
});

/** The body says no more than the status, as in Mesos. */
export const FORBIDDEN = {status: 403, body: '403 Forbidden.'};

/** In the words of Mesos: a status and a line of text. */
export function masterRefusal(refusal: Refusal): Answer {
  switch (refusal.kind) {
    case 'unknown-path':
      return {status: 404, body: 'Not found'};
    case 'broken-escape':
      return {status: 400, body: `Malformed escape in '${refusal.path}'`};
    case 'wrong-method':
      return wrongMethod(refusal.method, refusal.allowed);
    case 'not-acceptable':
      return {status: 406, body: `Expecting 'Accept' to allow '${refusal.answers.join("' or '")}'`};
    case 'from-a-browser':
      return {status: 403, body: refusal.message};
    case 'unauthenticated':
      return {status: 401, body: '401 Unauthorized.', headers: {'WWW-Authenticate': refusal.challenges}};
    case 'authentication-unavailable':
      return {status: 503, body: 'Callers can not be told apart at the moment'};
    case 'forbidden':
      return FORBIDDEN;
    case 'too-many-requests':
      return {
        status: 429,
        body: 'Too many requests of this principal wait',
        headers: {'Retry-After': String(refusal.retrySeconds)},
      };
    case 'no-leader':
      return {status: 503, body: 'No leader elected'};
    case 'too-busy':
      return {status: 503, body: `${refusal.most} requests are being answered, and no more are taken`};
    case 'recovering':
      return {status: 503, body: 'Master has not finished recovery'};
    case 'leader-unreachable':
      return {status: 502, body: refusal.message};
    case 'no-content-type':
      return {status: 400, body: "Expecting 'Content-Type' to be present"};
    case 'wrong-content-type':
      return {status: 415, body: `Expecting 'Content-Type' of ${refusal.wanted}`};
    case 'empty-body':
      return {status: 400, body: 'Failed to parse body into JSON: Unexpected end of JSON input'};
    case 'not-json':
      return {status: 400, body: `Failed to parse body into JSON: ${refusal.message}`};
    case 'too-much':
      return {status: refusal.status, body: explainTooMuch(refusal.tooMuch)};
    case 'broken-body':
      return {status: refusal.status, body: refusal.message};
    case 'failed':
      return {status: 500, body: 'The request failed'};
    default:
      return refusal satisfies never;
  }
}

function wrongMethod(method: string, allowed: readonly string[]): Answer {
  const own = allowed.filter(name => name !== 'HEAD');
  return {
    status: 405,
    body: `Expecting one of { '${own.join("', '")}' }, but received '${method}'`,
    headers: {Allow: allowed.join(', ')},
  };
}
