/**
 * Finds members that a JSON text names twice, which JSON.parse silently merges.
 *
 * @param text   well-formed JSON: what JSON.parse has accepted, of bounded depth
 * @param atMost how many are looked for: each costs the length of its path
 * @returns      their paths, in the order of the text: `spec.cmd`, `spec.ports[1].name`
 */
export function duplicateFields(text: string, atMost = 100): readonly string[] {
  const found = new Set<string>();
  const frames: Frame[] = [];
  for (let at = 0; at < text.length && found.size < atMost; at++) {
    const frame = frames.at(-1);
    const char = text[at];
    if (char === '"') {
      const end = endOfString(text, at);
      if (frame?.keys !== undefined && frame.wantsKey) enterMember(frame, text.slice(at, end + 1), frames, found);
      at = end;
    } else if (char === '{') frames.push({keys: new Set(), wantsKey: true, at: ''});
    else if (char === '[') frames.push({keys: undefined, wantsKey: false, at: 0});
    else if (char === '}' || char === ']') frames.pop();
    else if (char === ',' && frame !== undefined) nextMember(frame);
  }
  return [...found];
}

/** An open object (with the keys seen) or array; `at` is the member or index being read. */
type Frame = {readonly keys: Set<string> | undefined; wantsKey: boolean; at: string | number};

function enterMember(frame: Frame, literal: string, frames: readonly Frame[], found: Set<string>): void {
  const key: unknown = JSON.parse(literal);
  if (typeof key !== 'string') return;
  frame.at = key;
  frame.wantsKey = false;
  if (frame.keys?.has(key)) found.add(pathOf(frames));
  frame.keys?.add(key);
}

function nextMember(frame: Frame): void {
  if (typeof frame.at === 'number') frame.at++;
  else frame.wantsKey = true;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function pathOf(frames: readonly Frame[]): string {
  let path = '';
  for (const {at} of frames) path += typeof at === 'number' ? `[${at}]` : path === '' ? at : `.${at}`;
  return path;
}
