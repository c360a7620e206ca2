import { translator } from "../i18n";
import { planning } from "../i18n/planning";
import type { Moment } from "../state/jobs";

const t = translator(planning);
const [WIDTH, HEIGHT, LEFT] = [340, 130, 4];

/** Best plan and bound over time: where the two lines meet, nothing better is possible. */
export function Progress({ curve }: { curve: Moment[] }) {
  const bests = curve.filter(({ best }) => best !== null);
  const bounds = curve.filter(({ bound }) => bound !== null);
  if (!bests.length) return <div class="chart" style={{ height: `${HEIGHT}px` }} />;
  const last = curve[curve.length - 1]!;
  const start = bests[0]!.seconds;
  const end = Math.max(last.seconds, start + 1);
  const floor = Math.min(...bounds.slice(-1).map(({ bound }) => bound!), last.best!);
  const reach = Math.max(last.best! - floor, last.best! * 0.01);
  const low = floor - reach * 0.6;
  const high = last.best! + reach * 1.6;
  const x = (seconds: number) => LEFT + (Math.max(0, seconds - start) / (end - start)) * (WIDTH - 2 * LEFT);
  const y = (value: number) => HEIGHT - 8 - ((Math.min(Math.max(value, low), high) - low) / (high - low)) * (HEIGHT - 16);
  const steps = (points: { seconds: number; value: number }[]) =>
    points.map(({ seconds, value }, i) => `${i ? `H${x(seconds).toFixed(1)}V` : `M${x(seconds).toFixed(1)} `}${y(value).toFixed(1)}`).join("") + `H${x(end)}`;
  return (
    <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t("chart")}>
      <title>{t("chart")}</title>
      <line x1="0" x2={WIDTH} y1={HEIGHT - 1} y2={HEIGHT - 1} stroke="#d5dbe1" />
      {bounds.length > 0 && <path d={steps(bounds.map(({ seconds, bound }) => ({ seconds, value: bound! })))} fill="none" stroke="#1c6e3d" stroke-width="2.5" stroke-dasharray="6 3" />}
      <path d={steps(bests.map(({ seconds, best }) => ({ seconds, value: best! })))} fill="none" stroke="#1f5fa8" stroke-width="2.5" />
    </svg>
  );
}
