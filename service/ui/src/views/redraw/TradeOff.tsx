import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { get } from "../../api/client";
import type { Job } from "../../api/types";
import { JobLine } from "../../components/JobLine";
import { count, percent, translator } from "../../i18n";
import { redraw } from "../../i18n/redraw";
import type { Curve, CurvePoint } from "../../state/comparing";
import { isOver } from "../../state/jobs";
import { attempt } from "../../state/notices";
import { curveJob, goal, startRedraw } from "../../state/redrawing";
import { mayPlan, plan, project } from "../../state/workspace";

const t = translator(redraw);
const [WIDTH, HEIGHT, FOOT, SIDE] = [340, 150, 20, 14];

/** Trade-offs that were worked out on this page, by plan. */
const found = signal<Record<string, Curve>>({});

const gapOf = ({ quality, bound }: CurvePoint): number | null => (bound === null ? null : quality > 0 ? Math.max(0, (quality - bound) / quality) : 0);

function inPlainWords(point: CurvePoint): string {
  const gap = gapOf(point);
  return gap === null ? t("curveNoBound") : gap <= 1e-6 ? t("curveProved") : t("curveGap", { gap: percent(gap) });
}

/** Moved households across, score upwards; under each point hangs what is not known yet, down to its bound. */
function Chart({ points, at, onPick }: { points: CurvePoint[]; at: number; onPick: (at: number) => void }) {
  const moved = points.map((point) => point.moved);
  const values = points.map(({ quality }) => quality);
  const [least, most] = [Math.min(...moved), Math.max(...moved)];
  const high = Math.max(...values);
  const spread = Math.max(high - Math.min(...values), high * 0.01);
  const low = Math.min(...values) - spread * 0.6;
  const x = (value: number) => SIDE + ((value - least) / Math.max(1, most - least)) * (WIDTH - 2 * SIDE);
  const y = (value: number) => 8 + ((high - Math.max(low, value)) / (high - low)) * (HEIGHT - FOOT - 8);
  return (
    <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t("curveChart")}>
      <title>{t("curveChart")}</title>
      <line x1="0" x2={WIDTH} y1={HEIGHT - FOOT} y2={HEIGHT - FOOT} stroke="#9aa7b3" />
      {points.map(({ moved: m, quality, bound }) => bound !== null && <line x1={x(m)} x2={x(m)} y1={y(quality)} y2={y(bound)} stroke="#1c6e3d" stroke-width="4" stroke-opacity="0.35" />)}
      <polyline points={points.map(({ moved: m, quality }) => `${x(m)},${y(quality)}`).join(" ")} fill="none" stroke="#1f5fa8" stroke-width="2" />
      {points.map(({ moved: m, quality }, i) => (
        <circle cx={x(m)} cy={y(quality)} r={i === at ? 7 : 4.5} fill={i === at ? "#b4005a" : "#1f5fa8"} stroke="#fff" stroke-width="1.5" onClick={() => onPick(i)} style={{ cursor: "pointer" }} />
      ))}
      {[...new Set([least, most])].map((value, i) => (
        <text x={x(value)} y={HEIGHT - 5} text-anchor={i ? "end" : "start"} class="axis">
          {count(value)}
        </text>
      ))}
    </svg>
  );
}

function Points({ curve, inputs }: { curve: Curve; inputs: Record<string, unknown> | null }) {
  const points = [...curve.points].sort((a, b) => a.moved - b.moved);
  const [at, setAt] = useState(0);
  const point = points[Math.min(at, points.length - 1)];
  const first = points[0];
  if (!point || !first) return null;
  const take = () => {
    if (!inputs) return;
    const { weight: _, trade_off: __, ...rest } = inputs;
    goal.value = { ...goal.value, kind: "cap", cap: point.moved };
    void startRedraw(t("curvePoint", { moved: count(point.moved), quality: count(point.quality) }), { ...rest, cap: point.moved });
  };
  const told = t("curvePoint", { moved: count(point.moved), quality: count(point.quality) });
  return (
    <>
      <p class="quiet">{t("curveHint")}</p>
      <Chart points={points} at={at} onPick={setAt} />
      <input class="curve-slider" type="range" min={0} max={points.length - 1} value={at} aria-label={t("curve")} aria-valuetext={told} onInput={(event) => setAt(Number(event.currentTarget.value))} />
      <p role="status">
        <strong>{told}</strong>
        <br />
        {point === first ? t("fewest") : t("moreThanFewest", { moved: count(point.moved - first.moved), better: count(first.quality - point.quality) })}
        <br />
        <span class="quiet">{inPlainWords(point)}</span>
      </p>
      {inputs && mayPlan.value && (
        <button type="button" onClick={take}>
          {t("take")}
        </button>
      )}
    </>
  );
}

/** Moved households against quality, where this plan was redrawn. */
export function TradeOff() {
  const now = plan.value;
  const [inputs, setInputs] = useState<Record<string, unknown> | null>(null);
  const redrawn = now?.origin === "redraw" && now.job;
  useEffect(() => {
    setInputs(null);
    if (!now || !redrawn) return;
    const home = `projects/${project.value!.id}`;
    void attempt(async () => {
      const job = await get<Job>(`${home}/jobs/${now.job}`);
      setInputs(job.inputs);
      if (job.inputs.trade_off) found.value = { ...found.value, [now.id]: await get<Curve>(`${home}/plans/${now.id}/trade-off`) };
    });
  }, [now?.id]);
  if (!now || !redrawn) return null;
  const curve = found.value[now.id];
  const job = curveJob.now.value?.job.value;
  const start = async () => {
    const { weight: _, cap: __, ...rest } = inputs!;
    const done = await curveJob.start("trade_off", rest, { limits: { time_limit_s: goal.value.seconds } });
    if (done?.state !== "successful") return;
    const told = await attempt(() => get<{ curve: Curve }>(done.links.results!));
    if (told) found.value = { ...found.value, [now.id]: told.curve };
  };
  return (
    <section>
      <h3>{t("curve")}</h3>
      {curve ? <Points key={now.id} curve={curve} inputs={inputs} /> : <JobLine now={curveJob.now} />}
      {!curve && (!job || isOver(job)) && mayPlan.value && (
        <button type="button" disabled={!inputs} onClick={() => void start()}>
          {t("curveStart")}
        </button>
      )}
    </section>
  );
}
