// A rule for the prose linter: what makes English hard to read for people who learnt it as a second language.
import type {TextlintRuleModule} from '@textlint/types';
import {split} from 'sentence-splitter';

/** Words in a sentence of a page. */
const MAX_WORDS = 34;

/** What to look for in one sentence, and what to do about it. */
const PATTERNS: readonly {readonly pattern: RegExp; readonly advice: string}[] = [
  {pattern: /\bwhat\b[^.,;:]{3,60}\bis what\b/i, advice: 'name the thing instead of "what … is what …"'},
  {pattern: /\bthat of (?:that|what|whoever|whatever)\b/i, advice: 'name the thing'},
  {pattern: /\b(?:all the same|as it were|so to speak|at hand|to be had)\b/i, advice: 'say it without the idiom'},
  {pattern: /\b(?:utilize|leverage|in order to|prior to|thereof|hitherto|whilst)\b/i, advice: 'use the plain word'},
];
/** A paragraph's first word must not point at something that stands elsewhere. */
const POINTER = /^(?:It|They|These|Those|He|She)\b/;
const MAX_SEMICOLONS = 1;

/** What is hard to read in a text of whole sentences, each with its place. */
export function hardSentences(text: string, maxWords: number): {readonly index: number; readonly message: string}[] {
  const found: {index: number; message: string}[] = [];
  // Code is one word, whatever it holds; a link is its text.
  const words = text
    .replaceAll(/`[^`]*`/g, code => 'c'.padEnd(code.length, 'c'))
    .replaceAll(/\]\([^)]*\)/g, link => ']'.padEnd(link.length, ')'));
  for (const node of split(words)) {
    if (node.type !== 'Sentence') continue;
    const say = (message: string): void => void found.push({index: node.range[0], message});
    const count = node.raw.split(/\s+/).filter(word => /\w/.test(word)).length;
    if (count > maxWords) say(`the sentence has ${count} words, want at most ${maxWords}: make two of it`);
    if (node.raw.split(';').length - 1 > MAX_SEMICOLONS) say('more than one semicolon: make sentences of it');
    for (const {pattern, advice} of PATTERNS) if (pattern.test(node.raw)) say(advice);
  }
  return found;
}

export const plainEnglish: TextlintRuleModule = context => {
  const {Syntax, report, getSource, RuleError, locator} = context;
  return {
    [Syntax.Paragraph](node) {
      const text = getSource(node);
      if (POINTER.test(text) && node.parent?.type !== Syntax.ListItem) {
        report(node, new RuleError('the paragraph begins with a pronoun: name the thing'));
      }
      for (const {index, message} of hardSentences(text, MAX_WORDS)) {
        report(node, new RuleError(message, {padding: locator.at(index)}));
      }
    },
  };
};
