import {request as httpRequest, type IncomingMessage, type RequestOptions} from 'node:http';
import {request as httpsRequest} from 'node:https';
import {err, ok, type Result} from '../../lib/result.ts';

/** Why nothing was fetched, and whether another attempt may help. */
export type FetchError = {readonly message: string; readonly retry: boolean};

export const hopeless = (message: string): {readonly ok: false; readonly error: FetchError} =>
  err({message, retry: false});

const MAX_REDIRECTS = 10;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** The server may think better of it. */
const TRANSIENT = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Asks for a document over HTTP, following redirects. The body comes as it was sent: an archive stays packed.
 *
 * @returns the answer, its body not yet read
 */
export async function httpGet(location: string, signal: AbortSignal): Promise<Result<IncomingMessage, FetchError>> {
  let url = URL.parse(location);
  if (url === null) return hopeless('the URI cannot be read');
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const answer = await ask(url, signal);
    if (!answer.ok) return answer;
    const {statusCode = 0, statusMessage = '', headers} = answer.value;
    if (statusCode === 200) return answer;
    answer.value.destroy();
    if (!REDIRECTS.has(statusCode)) {
      const message = `the server answered ${statusCode} ${statusMessage}`.trim();
      return err({message, retry: TRANSIENT.has(statusCode)});
    }
    const next = redirectTarget(url, headers.location);
    if (!next.ok) return next;
    url = next.value;
  }
  return hopeless(`more than ${MAX_REDIRECTS} redirects`);
}

/** What was asked for over TLS is not taken without it; a password goes to its own host only. */
function redirectTarget(from: URL, location: string | undefined): Result<URL, FetchError> {
  const target = URL.parse(location ?? '', from.href);
  if (location === undefined || target === null) return hopeless('a redirect leads nowhere');
  if (target.protocol !== 'http:' && target.protocol !== 'https:') {
    return hopeless(`a redirect leads to ${target.protocol}`);
  }
  if (from.protocol === 'https:' && target.protocol === 'http:') return hopeless('a redirect leads from https to http');
  if (target.host === from.host && target.username === '') {
    target.username = from.username;
    target.password = from.password;
  }
  return ok(target);
}

function ask(url: URL, signal: AbortSignal): Promise<Result<IncomingMessage, FetchError>> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise(resolve => {
    const failed = (error: Error): void => resolve(err({message: causeOf(error), retry: true}));
    const request = send(url, {...optionsOf(url), signal}, answer => resolve(ok(answer)));
    request.on('error', failed);
    request.end();
  });
}

const optionsOf = ({username, password}: URL): RequestOptions => ({
  headers: {accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'mesos-fetcher'},
  ...(username !== '' && {auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}`}),
});

/** What lies behind an error, in words: an abort has a reason, a failed connection to several addresses has several. */
export function causeOf(error: unknown): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.map(causeOf))].join('; ');
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError' && error.cause !== undefined) return causeOf(error.cause);
  return error.message;
}
