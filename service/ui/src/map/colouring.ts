/** Fills that colour-blind eyes can tell apart (Paul Tol's light scheme, without its grey). */
export const FILLS = ["#77aadd", "#eedd88", "#99ddcc", "#ffaabb", "#bbcc33", "#ee8866", "#99ddff", "#c9b3e6", "#d9b88f"] as const;

/**
 * A colour per area so that areas that touch differ.
 *
 * Areas keep their colour of before where it still fits, so that an edit does not recolour the map; the others take the
 * allowed colour that is used least, the most crowded areas first.
 */
export function colourAreas(touching: ReadonlySet<number>[], before: ReadonlyArray<number | undefined> = []): Int32Array {
  const colour = new Int32Array(touching.length).fill(-1);
  const used = new Array<number>(FILLS.length).fill(0);
  const order = touching.map((_, area) => area).sort((a, b) => touching[b]!.size - touching[a]!.size || a - b);
  const give = (area: number, chosen: number): void => {
    colour[area] = chosen;
    used[chosen] = used[chosen]! + 1;
  };
  const clashes = (area: number, chosen: number): boolean => [...touching[area]!].some((other) => colour[other] === chosen);
  for (const area of order) {
    const kept = before[area];
    if (kept !== undefined && kept >= 0 && !clashes(area, kept)) give(area, kept);
  }
  for (const area of order) {
    if (colour[area]! >= 0) continue;
    let best = -1;
    for (let chosen = 0; chosen < FILLS.length; chosen++) {
      if (!clashes(area, chosen) && (best < 0 || used[chosen]! < used[best]!)) best = chosen;
    }
    give(area, best < 0 ? area % FILLS.length : best);
  }
  return colour;
}
