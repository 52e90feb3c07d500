import type {Static} from 'typebox';
import {Compile} from 'typebox/compile';
import type {Result} from '../../lib/result.ts';
import {err, ok} from '../../lib/result.ts';
import type {AllocatorSnapshot} from '../snapshot.ts';
import {inputFromJson, inputLine, inputSchema} from './input-json.ts';
import type {Input} from './inputs.ts';
import type {Entry, JournalOptions, Segment} from './journal.ts';
import {ResourceTexts} from './resources-json.ts';
import {
  headSchema,
  optionsFromJson,
  pieceSchema,
  type PieceJson,
  snapshotFromJson,
  snapshotLines,
} from './snapshot-json.ts';
import type {MatcherOf} from './spec-json.ts';

/** A journal as JSON lines, without line ends: the state that it begins with, then one line for each input. */
export function* journalLines(segments: readonly Segment[]): Iterable<string> {
  const [first] = segments;
  if (first === undefined) return;
  const texts = new ResourceTexts();
  yield* snapshotLines(first);
  for (const {entries} of segments) for (const entry of entries) yield entryLine(entry, texts);
}

export const entryLine = ({atMs, input}: Entry, texts: ResourceTexts): string => inputLine(atMs, input, texts);

/** What a journal begins with. */
export type Beginning = {
  readonly beganMs: number;
  readonly options: JournalOptions;
  readonly random: number;
  readonly state: AllocatorSnapshot;
};

/** One line: part of the beginning, or an input with what was decided then. */
export type Recorded = {
  readonly atMs: number;
  readonly input: Input;
  /** Of a run. */
  readonly decided: {readonly n: number; readonly digest: string} | undefined;
};

const head = Compile(headSchema);
const piece = Compile(pieceSchema);
const anyInput = Compile(inputSchema);

/** Reads a journal line by line: the beginning comes with the first input, or at the end. */
export class JournalReader {
  readonly #texts = new ResourceTexts();
  readonly #matcherOf: MatcherOf;
  #head: Static<typeof headSchema> | undefined;
  #pieces: PieceJson[] = [];
  #line = 0;

  constructor(matcherOf: MatcherOf) {
    this.#matcherOf = matcherOf;
  }

  /** @returns an input, undefined for a line of the beginning, or an error with the line's number */
  read(line: string): Result<Recorded | undefined, string> {
    this.#line++;
    const json = parse(line);
    if (this.#head === undefined) {
      if (!head.Check(json)) return this.#wrong('want the first line of a journal', head, json);
      this.#head = json;
      return ok(undefined);
    }
    if (anyInput.Check(json)) {
      const decided = 'digest' in json ? {n: json.n, digest: json.digest} : undefined;
      return ok({atMs: json.t, input: inputFromJson(json, this.#texts, this.#matcherOf), decided});
    }
    if (!piece.Check(json)) return this.#wrong('want an input or a part of the state', anyInput, json);
    this.#pieces.push(json);
    return ok(undefined);
  }

  /** All that came before the first input. Undefined: there was no first line. */
  beginning(): Beginning | undefined {
    if (this.#head === undefined) return undefined;
    const {t, random, options} = this.#head;
    const state = snapshotFromJson(this.#head, this.#pieces, this.#texts, this.#matcherOf);
    this.#pieces = [];
    return {beganMs: t, options: optionsFromJson(options), random, state};
  }

  #wrong(wanted: string, schema: {Errors(value: unknown): {instancePath: string; message: string}[]}, json: unknown) {
    if (json === undefined) return err(`line ${this.#line}: this is no JSON (is the file cut off?)`);
    const [first] = schema.Errors(json);
    const detail = first === undefined ? '' : `: ${first.instancePath || '/'} ${first.message}`;
    return err(`line ${this.#line}: ${wanted}${detail}`);
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
