import { signal } from "@preact/signals";
import { count, translator } from "../../i18n";
import { see } from "../../i18n/see";
import { areaByCode, tiers } from "../../state/areas";
import { labelsNow } from "../../state/draft";
import { shown } from "../../state/shown";

const t = translator(see);

/** The unit under the pointer, and where that is on the map in pixels. */
export const hovered = signal<{ unit: number; x: number; y: number } | null>(null);

/** What is under the pointer: building, households, compound, grid. */
export function Tooltip() {
  const at = hovered.value;
  const now = shown.value;
  const properties = at && now?.cells.properties[at.unit];
  if (!properties) return null;
  const label = labelsNow.value[at.unit] ?? null;
  const area = label === null ? undefined : areaByCode.value.get(label);
  const parents = tiers.value.map(({ of, title }) => of[at.unit] && title(of[at.unit]!)).filter(Boolean);
  const compound = properties.compound && !properties.compound.includes("#") ? properties.compound : null;
  return (
    <div class="tooltip" style={{ left: `${at.x + 14}px`, top: `${at.y + 14}px` }}>
      <strong>{properties.name ?? properties.id}</strong> · {t("householdsOf", { count: count(properties.households) })}
      {compound && compound !== properties.name && <div>{t("compound", { name: compound })}</div>}
      <div>{label === null ? t("noArea") : t("inGrid", { grid: label, households: count(area?.households ?? 0) })}</div>
      {parents.length > 0 && <div class="quiet">{t("inParent", { parent: parents.join(" · ") })}</div>}
    </div>
  );
}
