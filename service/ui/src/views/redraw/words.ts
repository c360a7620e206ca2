import { translator } from "../../i18n";
import { common } from "../../i18n/common";
import { redraw } from "../../i18n/redraw";
import { brief } from "../../map/names";
import type { Change } from "../../state/redrawing";
import { shown } from "../../state/shown";
import type { Level } from "../../api/types";

const t = translator(redraw);
const c = translator(common);

export const communities = (): { id: string; name: string }[] => {
  const now = shown.value;
  if (!now) return [];
  const names = new Map<string, string>();
  const named = new Map(now.areas.map(({ code, community }) => [code, community]));
  now.cells.properties.forEach(({ community }, unit) => {
    if (community && !names.has(community)) names.set(community, named.get(now.labels[unit] ?? "") || community);
  });
  return [...names].map(([id, name]) => ({ id, name })).sort((a, b) => a.name.localeCompare(b.name, "zh-CN"));
};

const communityName = (id: string): string => communities().find((each) => each.id === id)?.name ?? id;

function unitName(id: string): string {
  const unit = shown.value?.cells.index.get(id);
  return (unit === undefined ? null : shown.value!.cells.properties[unit]!.name) ?? id;
}

const several = (ids: string[]): string => ids.slice(0, 3).map(unitName).join(t("comma")) + (ids.length > 3 ? ` … (${ids.length})` : "");

/** What is held fast, by the name that it has on the map. */
export function heldInWords(word: string): string {
  const [kind, what] = [word.slice(0, word.indexOf(":")), word.slice(word.indexOf(":") + 1)];
  const named = kind === "unit" ? unitName(what) : kind === "line" ? t("lineBetween", { grids: what.split("/").map((code) => brief(code)).join(" – ") }) : what;
  return t("held", { what: named });
}

/** A change as a planner would say it. */
export function inWords({ kind, objects, value = "" }: Change): string {
  switch (kind) {
    case "demolish":
      return `${t("demolish")}${t("colon")}${several(objects)}`;
    case "households":
      return `${several(objects)}${t("colon")}${/^[+-]/.test(value) ? t("newHouseholds") : t("households")} ${value}`;
    case "line":
      return `${several(objects)} → ${communityName(value)}`;
    case "merge_communities":
      return `${t("merge")}${t("colon")}${communityName(objects[1] ?? "")} → ${communityName(objects[0] ?? "")}`;
    case "split_community":
      return t("splitOff", { from: communityName(objects[0] ?? ""), to: value });
    case "compound":
      return `${several(objects)} → ${t("compoundNamed", { name: value })}`;
    case "bridge":
      return `${t("bridge")}${t("colon")}${several(objects)}`;
    case "special":
      return value ? `${t("special")}${t("colon")}${several(objects)} (${value})` : `${t("ordinary")}${t("colon")}${several(objects)}`;
    case "bounds":
      return `${c(objects[0] as Level)}${t("colon")}${t("bounds")} ${value.replace("-", "–")}`;
    case "new":
      return `${t("newBuilding")}${t("colon")}${objects[0]} (${value})`;
  }
}
