/** Whole numbers by pairs of whole numbers ≥ 0; much leaner than a `Map` with a million entries. */
export class PairTable {
  private first: Int32Array;
  private second: Int32Array;
  private value: Int32Array;
  private mask: number;
  private held = 0;

  constructor(expected: number) {
    let size = 16;
    while (size < 2 * expected) size *= 2;
    this.first = new Int32Array(size).fill(-1);
    this.second = new Int32Array(size);
    this.value = new Int32Array(size);
    this.mask = size - 1;
  }

  get size(): number {
    return this.held;
  }

  /** What is stored under (a, b); `fresh` is stored and -1 answered where nothing was. */
  getOrPut(a: number, b: number, fresh: number): number {
    let at = this.slot(a, b);
    while (this.first[at] !== -1) {
      if (this.first[at] === a && this.second[at] === b) return this.value[at]!;
      at = (at + 1) & this.mask;
    }
    this.first[at] = a;
    this.second[at] = b;
    this.value[at] = fresh;
    if (++this.held > 0.7 * this.mask) this.grow();
    return -1;
  }

  private slot(a: number, b: number): number {
    let mixed = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
    mixed ^= mixed >>> 15;
    return Math.imul(mixed, 0x2c1b3c6d) >>> 7 & this.mask;
  }

  private grow(): void {
    const { first, second, value } = this;
    const bigger = new PairTable(first.length);
    first.forEach((a, at) => a !== -1 && bigger.getOrPut(a, second[at]!, value[at]!));
    this.first = bigger.first;
    this.second = bigger.second;
    this.value = bigger.value;
    this.mask = bigger.mask;
  }
}
