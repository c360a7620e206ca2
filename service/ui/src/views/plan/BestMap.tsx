import { useEffect, useRef } from "preact/hooks";
import { ask, get } from "../../api/client";
import type { Dataset } from "../../api/types";
import { translator } from "../../i18n";
import { planning } from "../../i18n/planning";
import { DATA_LAYERS, DataMap } from "../../map/dataMap";
import { isOver, type Followed } from "../../state/jobs";

const t = translator(planning);

interface Best {
  level: string;
  units: string[];
  grid: (number | null)[];
}

/** The map of the data, filling with the best plan so far. */
export function BestMap({ dataset, followed }: { dataset: Dataset | null; followed: Followed | null }) {
  const box = useRef<HTMLDivElement>(null);
  const map = useRef<DataMap | null>(null);
  useEffect(() => {
    map.current = new DataMap(box.current!);
    return () => map.current?.dispose();
  }, []);
  useEffect(() => {
    const control = new AbortController();
    for (const name of DATA_LAYERS) {
      const there = dataset?.links[name];
      if (there) void get<object>(there, { signal: control.signal }).then((layer) => map.current?.set(name, layer), () => null);
    }
    return () => control.abort();
  }, [dataset?.id]);
  useEffect(() => {
    map.current?.colour(null);
    if (!followed) return;
    let seen = NaN;
    const look = async () => {
      const job = followed.job.peek();
      if (isOver(job) || job.progress.best == null || job.progress.best === seen || !job.links.best) return;
      seen = job.progress.best;
      const answer = await ask<Best | undefined>("GET", job.links.best).catch(() => null);
      if (answer?.data) map.current?.colour(new Map(answer.data.units.map((unit, i) => [unit, answer.data!.grid[i] ?? null])));
    };
    const timer = setInterval(() => void look(), 1000);
    return () => clearInterval(timer);
  }, [followed]);
  return <div class="map" ref={box} role="application" aria-label={t("mapOfBest")} tabIndex={0} />;
}
