import { effect } from "@preact/signals";
import type { Marks, PlanMap } from "../../map/planMap";
import { communityName, tiers } from "../../state/areas";
import { shown, specialUnits } from "../../state/shown";

interface Given {
  /** The area of every unit, if it is not the plan's own. */
  labels?: () => (string | null)[];
  marks?: () => Marks;
  buildings?: boolean;
}

const specialOnly = (): Marks => ({ special: specialUnits.value });

/** Keep a map at what is shown: its land, areas, names, marks and surroundings. The answer ends it. */
export function followShown(map: PlanMap, { labels, marks = specialOnly, buildings = true }: Given = {}): () => void {
  let [cells, given, barriers, footprints]: (object | null)[] = [null, null, null, null];
  return effect(() => {
    const now = shown.value;
    if (!now) return;
    if (cells !== now.cells) {
      const first = cells === null;
      cells = now.cells;
      given = null;
      map.setCells(now.cells);
      if (first || !map.inSight()) map.fit();
      map.setTiers(tiers.value, now.level === "community" ? communityName : null);
    }
    const next = labels?.() ?? now.labels;
    if (given !== next) map.setLabels((given = next) as (string | null)[]);
    map.setMarks(marks());
    if (now.barriers && now.barriers !== barriers) map.setBarriers((barriers = now.barriers));
    if (buildings && now.buildings && now.buildings !== footprints) map.setBuildings((footprints = now.buildings));
  });
}
