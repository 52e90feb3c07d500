import {isIP} from 'node:net';

/** What there is to know about where a request comes from. Headers as they are sent; undefined: absent. */
export type Origins = {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`. */
  readonly fetchSite: string | undefined;
  readonly referer: string | undefined;
  /** The answer would be a script that hands the data to a function of the caller. */
  readonly asScript: boolean;
  /** It came over the loopback interface, which every web page of this machine's user reaches. */
  readonly loopback: boolean;
};

/** Names that are known to be this server's. */
export type ServedNames = {
  /** Of this server itself, and where the chart or a person says that it is reached. */
  readonly names: readonly string[];
  /** Refuse other names everywhere, not on loopback alone. */
  readonly strict: boolean;
};

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Keeps web pages of others out: they can send requests to a loopback address and into a company's network through the
 * browser of somebody who is there. Programs send none of these headers.
 *
 * @returns why the request is refused, in a sentence, or undefined
 */
export function refuseForeignPage(from: Origins, served: ServedNames): string | undefined {
  const {host, asScript, loopback} = from;
  if (host !== undefined && (loopback || served.strict) && !isServed(nameOf(host), served.names))
    return `This server is not known as ${quoted(host)}; --allowed_hosts names others`;
  const foreign = foreignPage(from);
  if (foreign === undefined) return undefined;
  if (!SAFE_METHODS.includes(from.method)) return `A page of another origin may change nothing here (${foreign})`;
  // Without a CORS header no other page reads an answer; a script hands it over.
  return asScript && loopback
    ? `A page of another origin gets no scripts from a loopback address (${foreign})`
    : undefined;
}

/** The header that shows that a page of another origin sent it; undefined: no page, or one of this server. */
function foreignPage({host, origin, fetchSite, referer, asScript}: Origins): string | undefined {
  if (origin !== undefined && hostOfUrl(origin) !== host?.toLowerCase()) return `Origin: ${quoted(origin)}`;
  // `none`: the person at the browser typed the address.
  if (fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none')
    return `Sec-Fetch-Site: ${quoted(fetchSite)}`;
  // Scripts are fetched without an Origin; older browsers send no Sec-Fetch-Site either.
  if (asScript && fetchSite === undefined && referer !== undefined && hostOfUrl(referer) !== host?.toLowerCase())
    return `Referer: ${quoted(referer)}`;
  return undefined;
}

/** An address can't be made to mean another machine, as a name can (DNS rebinding). */
function isServed(name: string, names: readonly string[]): boolean {
  return isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost') || names.includes(name);
}

/** Without port and brackets, in lower case, without the dot at the end of a full name. */
function nameOf(host: string): string {
  const name = host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.replace(/:\d*$/, '');
  return name.toLowerCase().replace(/[.]$/, '');
}

function hostOfUrl(url: string): string | undefined {
  return URL.parse(url)?.host;
}

const quoted = (text: string): string => JSON.stringify(text.slice(0, 100));
