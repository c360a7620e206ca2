import { translator } from "../../i18n";
import { data } from "../../i18n/data";

const t = translator(data);
/** Systems that have no code; a project cannot be in one of them. */
const SHIFTED = ["gcj02", "bd09"] as const;
const ZONES = Array.from({ length: 21 }, (_, i) => ({ epsg: 4534 + i, meridian: 75 + 3 * i }));
const CODES: readonly string[] = ["EPSG:4490", ...ZONES.map(({ epsg }) => `EPSG:${epsg}`)];

interface Choice {
  value: string;
  onChange: (value: string) => void;
  title?: string;
  /** What an empty choice means. */
  empty?: string | undefined;
  shifted?: boolean;
}

/** Which coordinate system files are in; empty leaves it to be recognised. */
export function SystemChoice({ value, onChange, title = t("system"), empty = t("automatic"), shifted = true }: Choice) {
  const known = shifted ? ["", ...SHIFTED, ...CODES] : ["", ...CODES];
  return (
    <label>
      {title}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">{empty}</option>
        <option value="EPSG:4490">{t("wgs84")}</option>
        {shifted && SHIFTED.map((system) => <option value={system}>{t(system)}</option>)}
        {ZONES.map(({ epsg, meridian }) => (
          <option value={`EPSG:${epsg}`}>
            {t("zone", { zone: meridian / 3, meridian })} · EPSG:{epsg}
          </option>
        ))}
        {!known.includes(value) && <option value={value}>{value}</option>}
      </select>
    </label>
  );
}
