import { translator } from "../../i18n";
import { data } from "../../i18n/data";

const t = translator(data);
const SYSTEMS = ["", "EPSG:4490", "gcj02", "bd09"] as const;
const ZONES = Array.from({ length: 21 }, (_, i) => ({ epsg: 4534 + i, meridian: 75 + 3 * i }));
const KNOWN: readonly string[] = [...SYSTEMS, ...ZONES.map(({ epsg }) => `EPSG:${epsg}`)];

/** Which coordinate system files are in; empty leaves it to be recognised. */
export function SystemChoice({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const titles = { "": t("automatic"), "EPSG:4490": t("wgs84"), gcj02: t("gcj02"), bd09: t("bd09") };
  return (
    <label>
      {t("system")}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {SYSTEMS.map((system) => (
          <option value={system}>{titles[system]}</option>
        ))}
        {ZONES.map(({ epsg, meridian }) => (
          <option value={`EPSG:${epsg}`}>
            {t("zone", { zone: meridian / 3, meridian })} · EPSG:{epsg}
          </option>
        ))}
        {!KNOWN.includes(value) && <option value={value}>{value}</option>}
      </select>
    </label>
  );
}
