/**
 * `{name}` in a text becomes the value of that name, `{name|grid|grids}` the word that goes with it: the first for one.
 * Whole numbers are grouped by thousands.
 */
export function filled(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)(?:\|([^|{}]*)\|([^|{}]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
    if (!(name in values)) return whole;
    const given = values[name]!;
    const value = typeof given === "number" ? given.toLocaleString("en-US", { maximumFractionDigits: 20 }) : given;
    return one === undefined ? value : value === "1" ? one : many!;
  });
}
