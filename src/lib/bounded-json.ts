import {limitOf, type LimitName, type TooMuch} from './limits.ts';
import {err, ok, type Result} from './result.ts';

/** How much one JSON text may hold; by default what the table of limits says. */
export type JsonLimits = Readonly<Record<JsonLimitName, number>>;
type JsonLimitName = Extract<LimitName, 'jsonDepth' | 'jsonValues' | 'jsonMembers' | 'jsonTextBytes'>;

/** `not-json`: the message is the parser's. */
export type JsonError = TooMuch | {readonly kind: 'not-json'; readonly message: string};

export const JSON_LIMITS: JsonLimits = {
  jsonDepth: limitOf('jsonDepth'),
  jsonValues: limitOf('jsonValues'),
  jsonMembers: limitOf('jsonMembers'),
  jsonTextBytes: limitOf('jsonTextBytes'),
};

/**
 * Reads a JSON text that comes from outside. It is measured before it is parsed, in one pass without recursion, so that
 * no text costs more than its length. What is returned is at most `jsonDepth` deep: to walk it recursively is safe.
 *
 * @param bytes UTF-8, already bounded in length (`bodyBytes`, `inflatedBytes`)
 */
export function readJson(bytes: Uint8Array, limits: JsonLimits = JSON_LIMITS): Result<unknown, JsonError> {
  const tooMuch = measureJson(bytes, limits);
  if (tooMuch !== undefined) return err(tooMuch);
  try {
    return ok(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    return err({kind: 'not-json', message: error instanceof Error ? error.message : String(error)});
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const LIST = 0x5b;
const LIST_END = 0x5d;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;

/**
 * The limit that a text exceeds first; nothing behind that place is looked at. What is not JSON is measured as if it
 * were, so up to its first mistake, where the parser stops, nothing was missed.
 */
function measureJson(bytes: Uint8Array, limits: JsonLimits): TooMuch | undefined {
  // One comma less than values in each list and object; an empty one is counted as if it held a value.
  let values = 1;
  let depth = 0;
  const commas = new Uint32Array(limits.jsonDepth + 1);
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case QUOTE: {
        const end = endOfText(bytes, at + 1);
        if (end - at - 1 > limits.jsonTextBytes) return {kind: 'too-much', limit: 'jsonTextBytes', found: end - at - 1};
        at = end;
        break;
      }
      case LIST:
      case OBJECT:
        if (++depth > limits.jsonDepth) return atLeast('jsonDepth', depth);
        // The members of a list are bounded by its values alone: they cost no more than that.
        commas[depth] = bytes[at] === OBJECT ? 0 : IN_LIST;
        if (++values > limits.jsonValues) return atLeast('jsonValues', values);
        break;
      case OBJECT_END:
      case LIST_END:
        depth = Math.max(0, depth - 1);
        break;
      case COMMA:
        if (++values > limits.jsonValues) return atLeast('jsonValues', values);
        if (commas[depth] === IN_LIST) break;
        commas[depth] = (commas[depth] ?? 0) + 1;
        if ((commas[depth] ?? 0) >= limits.jsonMembers) return atLeast('jsonMembers', limits.jsonMembers + 1);
        break;
      default:
    }
  }
  return undefined;
}

const IN_LIST = 0xffffffff;

const atLeast = (limit: JsonLimitName, found: number): TooMuch => ({kind: 'too-much', limit, found, atLeast: true});

/** Where the closing quote stands, or the end of the bytes. */
function endOfText(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}
