/** Load against capacity from light to heavy; red beyond capacity. Readable in grey and for any colour vision. */
const STEPS: [number, string][] = [
  [0.5, "#e8f1fa"],
  [0.7, "#bcd7f0"],
  [0.85, "#84b4de"],
  [1.0, "#4a8cc7"],
  [1.15, "#f0a868"],
  [Infinity, "#e0704a"],
];

export const VACANT = "#ffffff";

export const shadeOf = (ratio: number): string => STEPS.find(([most]) => ratio <= most + 1e-9)![1];
export const SHADES = STEPS.map(([, colour]) => colour);
