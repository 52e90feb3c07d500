/** A set of small whole numbers, 32 to a word. */
export class Bits {
  readonly words: number[] = [];

  has(index: number): boolean {
    return ((this.words[index >> 5] ?? 0) & (1 << (index & 31))) !== 0;
  }

  add(index: number): void {
    const word = index >> 5;
    while (this.words.length <= word) this.words.push(0);
    this.words[word] = (this.words[word] ?? 0) | (1 << (index & 31));
  }

  delete(index: number): void {
    const word = index >> 5;
    if (word < this.words.length) this.words[word] = (this.words[word] ?? 0) & ~(1 << (index & 31));
  }
}

/** Whether every member is in one of the others. */
export function isCovered(members: Bits, others: readonly {readonly members: Bits}[]): boolean {
  for (let w = 0; w < members.words.length; w++) {
    let left = members.words[w] ?? 0;
    for (const other of others) left &= ~(other.members.words[w] ?? 0);
    if (left !== 0) return false;
  }
  return true;
}
