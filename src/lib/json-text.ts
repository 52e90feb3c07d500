/** @returns undefined when the text is no JSON: what the parser says would quote it, and it may hold secrets */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
