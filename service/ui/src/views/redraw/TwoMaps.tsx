import { effect, signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { count, translator } from "../../i18n";
import { redraw } from "../../i18n/redraw";
import { PlanMap } from "../../map/planMap";
import { compared, comparing, levelChange, pointed, type AreaFate, type Compared, type Side } from "../../state/comparing";

const t = translator(redraw);

export interface Maps {
  before: PlanMap;
  after: PlanMap;
}

/** How the two plans are shown. */
const mode = signal<"side" | "swipe">("side");

const titleOf = ({ plan }: Side): string => [plan.number, plan.name].filter(Boolean).join(" · ");

const PALE = "#f0f2f4";
/** Beyond this share of the areas, colours are left as they are: everything changed. */
const MANY = 0.6;

function draw(map: PlanMap, side: Side, moved: ReadonlySet<string>, codes: (area: AreaFate) => string | null): void {
  map.setCells(side.cells);
  map.setLabels(side.labels);
  const areas = levelChange.value?.areas ?? [];
  const changed = new Set(areas.filter(({ fate }) => fate !== "kept").map(codes));
  const few = changed.size > 0 && changed.size < MANY * areas.length;
  map.setShade(few ? (unit) => (changed.has(side.labels[unit] ?? null) ? map.colour(side.labels[unit]!) : PALE) : null);
  map.setMarks({ moved: new Set(side.cells.ids.flatMap((id, unit) => (moved.has(id) ? [unit] : []))) });
}

function show({ before, after }: Maps, now: Compared): void {
  const moved = new Set(levelChange.value?.moves.map(({ unit }) => unit) ?? []);
  draw(before, now.before, moved, ({ previous }) => previous);
  after.colourLike(before);
  draw(after, now.after, moved, ({ code }) => code);
  if (!before.inSight()) before.fit();
}

function pointAt(maps: Maps, unit: string | null): void {
  for (const map of [maps.before, maps.after]) {
    const at = unit === null ? undefined : map.cells?.index.get(unit);
    map.select(new Set(at === undefined ? [] : [at]));
  }
}

/** Two maps with one view: side by side, or one above the other with a border that is moved. */
export function TwoMaps({ onReady }: { onReady: (maps: Maps) => void }) {
  const left = useRef<HTMLDivElement>(null);
  const right = useRef<HTMLDivElement>(null);
  const maps = useRef<Maps | null>(null);
  const [at, setAt] = useState(50);
  useEffect(() => {
    const both = { before: new PlanMap(left.current!), after: new PlanMap(right.current!) };
    both.after.olMap.setView(both.before.olMap.getView());
    maps.current = both;
    onReady(both);
    const stops = [effect(() => void (compared.value && show(both, compared.value))), effect(() => pointAt(both, pointed.value))];
    for (const map of [both.before, both.after]) {
      map.olMap.on("singleclick", (event) => {
        const unit = map.unitAt(event.pixel);
        pointed.value = unit === null ? null : (map.cells?.ids[unit] ?? null);
      });
    }
    return () => {
      stops.forEach((stop) => stop());
      both.before.dispose();
      both.after.dispose();
    };
  }, []);
  const swiping = mode.value === "swipe";
  useEffect(() => {
    maps.current?.before.olMap.updateSize();
    maps.current?.after.olMap.updateSize();
    if (compared.value) maps.current?.before.fit();
  }, [swiping]);
  const now = compared.value;
  const [before, after] = now ? [titleOf(now.before), titleOf(now.after)] : [t("before"), t("after")];
  const households = levelChange.value?.moved;
  return (
    <div class={["two", swiping && "swipe", !now && "bare"].filter(Boolean).join(" ")}>
      <div class="half">
        <div class="map" ref={left} role="application" aria-label={t("mapBefore", { title: before })} tabIndex={0} />
        <p class="map-title">{before}</p>
      </div>
      <div class="half" style={swiping ? { clipPath: `inset(0 0 0 ${at}%)` } : undefined}>
        <div class="map" ref={right} role="application" aria-label={t("mapBefore", { title: after })} tabIndex={0} />
        <p class="map-title after">{after}</p>
      </div>
      {swiping && (
        <>
          <i class="swipe-line" style={{ left: `${at}%` }} aria-hidden="true" />
          <input class="swipe-slider" type="range" min={0} max={100} value={at} aria-label={t("swipeAt", { before, after })} onInput={(event) => setAt(Number(event.currentTarget.value))} />
        </>
      )}
      <div class="two-tools" role="group">
        {(["side", "swipe"] as const).map((each) => (
          <button type="button" aria-pressed={mode.value === each} onClick={() => (mode.value = each)}>
            {t(each)}
          </button>
        ))}
        {households ? (
          <span class="legend-note">
            <i class="key hatch-moved" aria-hidden="true" /> {t("shade")} ({count(households)})
          </span>
        ) : null}
      </div>
      {comparing.value && (
        <p class="map-note" role="status">
          {t("comparing")}
        </p>
      )}
    </div>
  );
}
