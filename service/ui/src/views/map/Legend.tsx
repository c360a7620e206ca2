import { useMemo } from "preact/hooks";
import { translator } from "../../i18n";
import { edit } from "../../i18n/edit";
import { see } from "../../i18n/see";
import { barrierKind } from "../../map/paint";
import { tiers } from "../../state/areas";
import { editing, locks } from "../../state/draft";
import { shown } from "../../state/shown";

const t = translator(see);
const e = translator(edit);

const KINDS = ["wall", "river", "railway", "road", "other"] as const;

/** What lines and hatchings mean; only those that are on this map. */
export function Legend() {
  const now = shown.value;
  const kinds = useMemo(() => {
    const features = (now?.barriers as { features?: { properties: { kind?: string } }[] } | null)?.features ?? [];
    const found = new Set(features.map(({ properties }) => barrierKind(properties.kind)));
    return KINDS.filter((kind) => found.has(kind));
  }, [now?.barriers]);
  if (!now) return null;
  const own = now.level === "community" ? "borderCommunity" : now.level === "grid" ? "borderGrid" : "borderMicro";
  return (
    <details class="legend">
      <summary>{t("legend")}</summary>
      <ul>
        {tiers.value.length > 0 && <li><i class="key border-wide" />{t("borderCommunity")}</li>}
        {tiers.value.length > 1 && <li><i class="key border-middle" />{t("borderGrid")}</li>}
        <li><i class="key border-own" />{t(own)}</li>
        <li><i class="key footprint" />{t("footprint")}</li>
        {now.cells.properties.some(({ locked }) => locked) && <li><i class="key hatch-special" />{t("specialGrid")}</li>}
        {now.labels.includes(null) && <li><i class="key none" />{t("noArea")}</li>}
        {kinds.map((kind) => (
          <li><i class={`key ${kind}`} />{t(kind)}</li>
        ))}
        {editing.value && (
          <>
            <li><i class="key hatch-moved" />{e("legendMoved")}</li>
            <li><i class="key hatch-locked" />{e("legendLocked")}</li>
            {locks.value.lines.size > 0 && <li><i class="key line-locked" />{e("legendLine")}</li>}
          </>
        )}
      </ul>
      <p class="quiet">{t("keysHelp")}</p>
    </details>
  );
}
