import {answerTo, type MarathonError} from '../../../api/marathon/v2/errors.ts';
import {explainTooMuch} from '../../../lib/limits.ts';
import type {Answer, Refusal} from '../../web/refusal.ts';

/** Where the leader has a page. Only streams are redirected. @param leader scheme, host and port */
export const redirection = (leader: string, url: string): Answer => ({
  status: 302,
  body: undefined,
  headers: {Location: `${leader}${url}`},
});

/** In the words of Marathon. */
export function marathonRefusal(refusal: Refusal): Answer {
  switch (refusal.kind) {
    case 'wrong-method':
      return {...answerTo({kind: 'wrong-verb'}), headers: {Allow: refusal.allowed.join(', ')}};
    case 'too-busy':
      return said(503, `Only ${refusal.most} requests are answered at a time (--http_max_concurrent_requests)`);
    case 'recovering':
      return {...said(503, 'Marathon is still finding out what runs'), headers: {'Retry-After': '1'}};
    case 'from-a-browser':
      return said(403, refusal.message);
    case 'unauthenticated':
      return {...said(401, 'Authentication is required'), headers: {'WWW-Authenticate': refusal.challenges}};
    case 'authentication-unavailable':
      return said(503, 'Callers can not be told apart at the moment');
    case 'forbidden':
      return answerTo({kind: 'forbidden'});
    case 'too-many-requests':
      return {
        ...said(429, 'Too many requests of this principal wait'),
        headers: {'Retry-After': String(refusal.retrySeconds)},
      };
    case 'too-much':
      return said(refusal.status, explainTooMuch(refusal.tooMuch));
    case 'broken-body':
      return said(refusal.status, refusal.message);
    case 'failed':
      return said(500, 'The request failed');
    default:
      return answerTo(errorOf(refusal));
  }
}

type Known = Exclude<
  Refusal['kind'],
  | 'wrong-method'
  | 'recovering'
  | 'too-busy'
  | 'from-a-browser'
  | 'unauthenticated'
  | 'authentication-unavailable'
  | 'forbidden'
  | 'too-many-requests'
  | 'too-much'
  | 'broken-body'
  | 'failed'
>;

function errorOf(refusal: Extract<Refusal, {readonly kind: Known}>): MarathonError {
  switch (refusal.kind) {
    case 'unknown-path':
      return {kind: 'unknown-uri'};
    case 'broken-escape':
      return {kind: 'bad-request', message: `Malformed escape in '${refusal.path}'`};
    case 'not-acceptable':
      return {kind: 'not-acceptable'};
    case 'no-leader':
      return {kind: 'leader-unreachable', message: 'No leader is known yet'};
    case 'leader-unreachable':
      return {kind: 'leader-unreachable', message: refusal.message};
    case 'no-content-type':
    case 'wrong-content-type':
      return {kind: 'wrong-media-type'};
    case 'empty-body':
      return {kind: 'empty-body'};
    case 'not-json':
      return {kind: 'not-json', details: refusal.message};
    default:
      return refusal satisfies never;
  }
}

const said = (status: number, message: string): Answer => ({status, body: {message}});
