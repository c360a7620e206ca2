import { translator } from "../i18n";
import { see } from "../i18n/see";

const t = translator(see);
const WIDTH = 320;
const HEIGHT = 110;
const FOOT = 18;

/** How many areas have how many households; the bounds are marked. */
export function Histogram({ values, min, max, chosen, onChoose }: {
  values: number[];
  min: number;
  max: number;
  /** The bar that is chosen, if any. */
  chosen?: { from: number; to: number } | null;
  onChoose?: (range: { from: number; to: number } | null) => void;
}) {
  if (!values.length) return null;
  const low = Math.min(...values, min);
  const high = Math.max(...values, max) + 1;
  const bins = Math.min(24, Math.max(6, high - low));
  const width = (high - low) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[Math.min(bins - 1, Math.floor((value - low) / width))]! += 1;
  const most = Math.max(...counts);
  const x = (value: number) => ((value - low) / (high - low)) * WIDTH;
  const outside = values.filter((value) => value < min || value > max).length;
  const title = `${t("sizes")}: ${values.length - outside} ${t("within")}, ${outside} ${t("outside")}`;
  return (
    <svg class="histogram" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role={onChoose ? "group" : "img"} aria-label={title}>
      <title>{title}</title>
      <rect x={x(min)} y="0" width={x(max) - x(min)} height={HEIGHT - FOOT} fill="#e6f0fa" />
      {counts.map((size, bin) => {
        const tall = (size / most) * (HEIGHT - FOOT - 6);
        const centre = low + (bin + 0.5) * width;
        const good = centre >= min && centre <= max + 0.5;
        const left = x(low + bin * width);
        const range = { from: Math.ceil(low + bin * width), to: Math.ceil(low + (bin + 1) * width) - 1 };
        const on = chosen?.from === range.from && chosen.to === range.to;
        const bar = <rect x={left + 0.5} y={HEIGHT - FOOT - tall} width={WIDTH / bins - 1} height={tall} fill={good ? "#2f74b5" : "#b4005a"} opacity={chosen && !on ? 0.4 : 1} />;
        if (!onChoose || !size) return bar;
        const choose = () => onChoose(on ? null : range);
        return (
          <g
            role="button"
            tabIndex={0}
            class="bar"
            aria-pressed={on}
            aria-label={`${range.from}–${range.to}: ${size}`}
            onClick={choose}
            onKeyDown={(event) => (event.key === "Enter" || event.key === " ") && (event.preventDefault(), choose())}
          >
            <title>{`${range.from}–${range.to}: ${size}`}</title>
            <rect x={left} y="0" width={WIDTH / bins} height={HEIGHT - FOOT} fill="transparent" />
            {bar}
          </g>
        );
      })}
      {[min, max].map((value) => (
        <>
          <line x1={x(value)} x2={x(value)} y1="0" y2={HEIGHT - FOOT} stroke="#22313f" stroke-dasharray="3 3" />
          <text x={Math.min(Math.max(x(value), 14), WIDTH - 14)} y={HEIGHT - 4} text-anchor="middle">
            {value}
          </text>
        </>
      ))}
    </svg>
  );
}
