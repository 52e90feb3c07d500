import type {Beginning, Recorded} from '../../../src/allocator/journal/lines.ts';
import {JournalReader} from '../../../src/allocator/journal/lines.ts';

/** Reads all lines; throws at a wrong one. */
export function readJournal(lines: Iterable<string>): {beginning: Beginning | undefined; recorded: Recorded[]} {
  const reader = new JournalReader(pattern => text => new RegExp(`^(?:${pattern})$`).test(text));
  let beginning: Beginning | undefined;
  const recorded: Recorded[] = [];
  for (const line of lines) {
    const read = reader.read(line);
    if (!read.ok) throw new Error(read.error);
    if (read.value === undefined) continue;
    beginning ??= reader.beginning();
    recorded.push(read.value);
  }
  return {beginning: beginning ?? reader.beginning(), recorded};
}
