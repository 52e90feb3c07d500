import type {Exchange} from './route.ts';

/** The parameter of a route that answers so, for its row. */
export const JSONP = {jsonp: 'Function to hand the answer to, as a script.'};

const CALLBACK = /^[\w$.[\]]{1,128}$/;

/** Answers with JSON, or with a script that hands it to the function named by `?jsonp=`. */
export function sendJson({request, response}: Pick<Exchange, 'request' | 'response'>, value: unknown): void {
  const callback = request.query['jsonp'];
  if (callback === undefined) return void response.json(value);
  if (typeof callback !== 'string' || !CALLBACK.test(callback)) {
    return void response.status(400).type('text').send("Expecting 'jsonp' to name a function");
  }
  // U+2028 and U+2029 are letters in JSON and line ends in older scripts.
  const json = JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  response.type('text/javascript').send(`${callback}(${json});`);
}
