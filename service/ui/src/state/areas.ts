import { computed } from "@preact/signals";
import type { Area } from "../api/types";
import type { Tier } from "../map/planMap";
import { shortName } from "../map/names";
import { editing, labelsNow } from "./draft";
import { shown } from "./shown";
import { level, plan } from "./workspace";

export const summary = computed(() => plan.value?.levels.find((each) => each.level === level.value) ?? null);

/** The areas as they are now; while a draft is open their sizes follow every edit. */
export const areasNow = computed<Area[]>(() => {
  const now = shown.value;
  if (!now) return [];
  if (!editing.value) return now.areas;
  const known = new Map(now.areas.map((area) => [area.code, area]));
  const found = new Map<string, { households: number; units: number; changed: boolean; first: number }>();
  labelsNow.value.forEach((label, unit) => {
    if (label === null) return;
    let sum = found.get(label);
    if (!sum) found.set(label, (sum = { households: 0, units: 0, changed: false, first: unit }));
    sum.households += now.cells.properties[unit]!.households;
    sum.units += 1;
    if (label !== now.labels[unit]) sum.changed = true;
  });
  const bounds = summary.value?.bounds;
  return [...found].map(([code, { households, units, changed, first }]) => {
    const before = known.get(code);
    if (before && !changed && before.households === households) return before;
    const community = before?.community ?? known.get(now.labels[first] ?? "")?.community ?? null;
    const within = !bounds || (households >= bounds.min && households <= bounds.max);
    return { ...before, code, households, units, community, within_bounds: within, mean_walk_m: null };
  });
});

export const areaByCode = computed(() => new Map(areasNow.value.map((area) => [area.code, area])));

/** The wider areas of what is shown, outermost first. */
export const tiers = computed<Tier[]>(() => {
  const now = shown.value;
  if (!now || now.level === "community") return [];
  const community = new Map<string, string>();
  const byCode = new Map(now.areas.map((area) => [area.code, area]));
  now.cells.properties.forEach(({ community: parent }, unit) => {
    const name = byCode.get(now.labels[unit] ?? "")?.community;
    if (parent && name && !community.has(parent)) community.set(parent, name);
  });
  const parents = now.cells.properties.map(({ community: parent }) => parent);
  if (parents.every((parent) => parent === null)) return [];
  if (now.level === "grid") return [{ of: parents, title: (code) => community.get(code) ?? code }];
  return [
    { of: parents.map((parent) => community.get(parent ?? "") ?? null), title: (name) => name },
    { of: parents, title: (code) => shortName(code, null) },
  ];
});

/** The name of a community where it has one that says more than its code. */
export function communityName(code: string): string | null {
  const name = areaByCode.value.get(code)?.name;
  return typeof name === "string" && name && name !== code ? name : null;
}
