import ts from 'typescript';

/** One change on purpose: the characters from `start` to `end` of a file become `replacement`. */
export type Mutant = {
  /** From the root of the project. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  readonly kind: MutantKind;
};

export type MutantKind =
  'boundary' | 'boolean' | 'condition' | 'constant' | 'logic' | 'operator' | 'quantifier' | 'statement';

type Swap = readonly [to: string, kind: MutantKind];

const OPERATORS: Readonly<Record<string, Swap>> = {
  '<': ['<=', 'boundary'],
  '<=': ['<', 'boundary'],
  '>': ['>=', 'boundary'],
  '>=': ['>', 'boundary'],
  '===': ['!==', 'condition'],
  '!==': ['===', 'condition'],
  '&&': ['||', 'logic'],
  '||': ['&&', 'logic'],
  '+': ['-', 'operator'],
  '-': ['+', 'operator'],
  '*': ['/', 'operator'],
  '/': ['*', 'operator'],
  '%': ['*', 'operator'],
  '+=': ['-=', 'operator'],
  '-=': ['+=', 'operator'],
};
const METHODS: Readonly<Record<string, string>> = {some: 'every', every: 'some', min: 'max', max: 'min'};

/** Every change that the tool knows for a file, in the order of the text. Types, imports and texts are left alone. */
export function mutantsOf(file: string, text: string): readonly Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const mutants: Mutant[] = [];
  const add = (node: ts.Node, replacement: string, kind: MutantKind): void => {
    const start = node.getStart(source);
    const line = source.getLineAndCharacterOfPosition(start).line + 1;
    mutants.push({file, line, start, end: node.getEnd(), replacement, kind});
  };
  const visit = (node: ts.Node): void => {
    if (isNoCode(node)) return;
    mutate(node, source, add);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return mutants.toSorted((a, b) => a.start - b.start);
}

/** Types and imports, and what is only told to people: no test should hold it fast. */
const isNoCode = (node: ts.Node): boolean =>
  isNote(node) ||
  ts.isTypeNode(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  ts.isImportDeclaration(node) ||
  ts.isExportDeclaration(node);

/** `turn.note(…)`: a line of the log; and a condition that only chooses between two of them. */
function isNote(node: ts.Node): boolean {
  if (ts.isIfStatement(node))
    return [node.thenStatement, node.elseStatement].every(it => it === undefined || isNote(it));
  if (!ts.isExpressionStatement(node) || !ts.isCallExpression(node.expression)) return false;
  const {expression} = node.expression;
  return ts.isPropertyAccessExpression(expression) && expression.name.text === 'note';
}

type Add = (node: ts.Node, replacement: string, kind: MutantKind) => void;

function mutate(node: ts.Node, source: ts.SourceFile, add: Add): void {
  if (ts.isBinaryExpression(node)) swapOperator(node, source, add);
  else if (ts.isIfStatement(node) || ts.isWhileStatement(node)) negate(node.expression, source, add);
  else if (ts.isConditionalExpression(node)) negate(node.condition, source, add);
  else if (ts.isPrefixUnaryExpression(node)) dropNot(node, source, add);
  else if (ts.isNumericLiteral(node)) shift(node, add);
  else if (node.kind === ts.SyntaxKind.TrueKeyword) add(node, 'false', 'boolean');
  else if (node.kind === ts.SyntaxKind.FalseKeyword) add(node, 'true', 'boolean');
  else if (ts.isExpressionStatement(node)) removeStatement(node, add);
  else if (ts.isContinueStatement(node)) add(node, ';', 'statement');
  else if (ts.isPropertyAccessExpression(node)) swapMethod(node, add);
}

function swapOperator({left, operatorToken, right}: ts.BinaryExpression, source: ts.SourceFile, add: Add): void {
  const swap = OPERATORS[operatorToken.getText(source)];
  if (swap === undefined) return;
  // A sum of texts is a message.
  if (swap[1] === 'operator' && [left, right].some(isText)) return;
  add(operatorToken, ...swap);
}

function isText(node: ts.Expression): boolean {
  if (ts.isBinaryExpression(node)) return isText(node.left) || isText(node.right);
  return ts.isStringLiteral(node) || ts.isTemplateExpression(node) || ts.isNoSubstitutionTemplateLiteral(node);
}

/** What compares or negates already has a mutant that says the same. */
function negate(condition: ts.Expression, source: ts.SourceFile, add: Add): void {
  const operator = ts.isBinaryExpression(condition) ? condition.operatorToken.getText(source) : '';
  if (operator === '===' || operator === '!==' || ts.isPrefixUnaryExpression(condition)) return;
  add(condition, `!(${condition.getText(source)})`, 'condition');
}

function dropNot(node: ts.PrefixUnaryExpression, source: ts.SourceFile, add: Add): void {
  if (node.operator === ts.SyntaxKind.ExclamationToken) add(node, node.operand.getText(source), 'condition');
}

function shift(node: ts.NumericLiteral, add: Add): void {
  const isName = ts.isPropertyAssignment(node.parent) && node.parent.name === node;
  if (!isName && !isOrder(node) && !isForTheCompiler(node)) add(node, `${Number(node.text) + 1}`, 'constant');
}

/** `a < b ? -1 : 1`: of what a comparison returns only the sign counts, so 2 is no change. */
function isOrder(node: ts.NumericLiteral): boolean {
  const value = ts.isPrefixUnaryExpression(node.parent) ? node.parent : node;
  if (node.text !== '1' || !ts.isConditionalExpression(value.parent)) return false;
  const {whenTrue, whenFalse} = value.parent;
  return [whenTrue, whenFalse].some(branch => branch.getText() === '-1');
}

/** `list[i] ?? 0`: the compiler wants a fallback where the index is always in range; it is never used. */
function isForTheCompiler(node: ts.NumericLiteral): boolean {
  const {parent} = node;
  return (
    ts.isBinaryExpression(parent) &&
    parent.right === node &&
    parent.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken &&
    ts.isElementAccessExpression(parent.left)
  );
}

function removeStatement(node: ts.ExpressionStatement, add: Add): void {
  const {expression} = node;
  if (ts.isCallExpression(expression) && expression.expression.kind === ts.SyntaxKind.SuperKeyword) return;
  add(node, ';', 'statement');
}

function swapMethod(node: ts.PropertyAccessExpression, add: Add): void {
  const other = METHODS[node.name.text];
  if (other !== undefined && ts.isCallExpression(node.parent) && node.parent.expression === node) {
    add(node.name, other, 'quantifier');
  }
}

export const applied = (text: string, {start, end, replacement}: Mutant): string =>
  text.slice(0, start) + replacement + text.slice(end);

/** The changed lines before and after, as `diff` shows them. */
export function diffOf(text: string, mutant: Mutant): string {
  const from = text.lastIndexOf('\n', mutant.start) + 1;
  const until = text.indexOf('\n', mutant.end);
  const changed = applied(text, mutant).slice(from, until + mutant.replacement.length - (mutant.end - mutant.start));
  const lines = (mark: string, some: string): string => some.replace(/^/gm, mark);
  return `${lines('-', text.slice(from, until))}\n${lines('+', changed)}`;
}

/** `count` of them, or all; the same seed picks the same. */
export function sample<T>(all: readonly T[], count: number, seed: number): readonly T[] {
  const random = randomOf(seed);
  return all
    .map(each => ({each, at: random()}))
    .toSorted((a, b) => a.at - b.at)
    .slice(0, count)
    .map(({each}) => each);
}

/** mulberry32: numbers in [0, 1). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
