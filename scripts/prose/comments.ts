import {hardSentences} from './plain-english.ts';

/** Words in a sentence of a comment: shorter than on a page, there is code around it. */
const MAX_WORDS = 32;

/** What is hard to read in the comments of a source file. */
export function commentProblems(source: string): {readonly line: number; readonly message: string}[] {
  return commentsOf(source).flatMap(({line, text}) =>
    hardSentences(text, MAX_WORDS).map(({index, message}) => ({
      line: line + text.slice(0, index).split('\n').length - 1,
      message,
    })),
  );
}

type Comment = {readonly line: number; readonly text: string};

/** Block comments, and line comments that follow each other as one; without their marks. Line breaks stay. */
function commentsOf(source: string): Comment[] {
  const comments: Comment[] = [];
  let open: {line: number; lines: string[]; isBlock: boolean} | undefined = undefined;
  const close = (): void => {
    if (open !== undefined) comments.push({line: open.line, text: open.lines.join('\n')});
    open = undefined;
  };
  for (const [index, raw] of source.split('\n').entries()) {
    const text = raw.trim();
    if (open === undefined || !open.isBlock) {
      if (text.startsWith('/*')) {
        close();
        open = {line: index + 1, lines: [], isBlock: true};
      } else if (text.startsWith('//')) {
        open ??= {line: index + 1, lines: [], isBlock: false};
        open.lines.push(text.slice(2).trim());
        continue;
      } else {
        close();
        continue;
      }
    }
    open.lines.push(unmarked(text));
    if (text.endsWith('*/')) close();
  }
  close();
  return comments;
}

/** A tag begins a sentence of its own. */
const unmarked = (text: string): string =>
  text
    .replace(/^\/\*+/, '')
    .replace(/\*\/$/, '')
    .replace(/^\*\s?/, '')
    .replace(/^\s*@(?:param\s+\S+|\w+)\s*/, '. ')
    .trim();
