/** Without the characters of `chars` at the end. As an expression, `[…]+$`, it would be quadratic in the text. */
export function trimEndOf(text: string, chars: string): string {
  let end = text.length;
  while (end > 0 && chars.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** Without the characters of `chars` at both ends. */
export function trimOf(text: string, chars: string): string {
  let start = 0;
  while (start < text.length && chars.includes(text.charAt(start))) start++;
  return trimEndOf(text.slice(start), chars);
}
