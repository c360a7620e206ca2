import { useRef, useState } from "preact/hooks";
import { translator } from "../../i18n";
import { data } from "../../i18n/data";
import { importFiles, reading } from "../../state/importing";

const t = translator(data);
const SYSTEMS = ["", "EPSG:4490", "gcj02", "bd09"] as const;
const ZONES = Array.from({ length: 21 }, (_, i) => ({ epsg: 4534 + i, meridian: 75 + 3 * i }));

function SystemChoice({ value, onChange }: { value: string; onChange: (value: string) => void }) {
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
      </select>
    </label>
  );
}

/** Where files are dropped or chosen. */
export function DropZone() {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [system, setSystem] = useState("");
  const send = (files: FileList | null) => void importFiles([...(files ?? [])], system ? { crs: system } : {});
  if (reading.value) {
    return (
      <p class="drop busy" role="status">
        <span class="spinner" aria-hidden="true" />
        {t("reading", { files: reading.value.join("、") })}
      </p>
    );
  }
  return (
    <>
      <div
        class={over ? "drop over" : "drop"}
        onDragOver={(event) => (event.preventDefault(), setOver(true))}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          send(event.dataTransfer?.files ?? null);
        }}
      >
        <p>
          <strong>{t("drop")}</strong>
        </p>
        <button type="button" class="main" onClick={() => input.current?.click()}>
          {t("choose")}
        </button>
        <input ref={input} type="file" multiple hidden aria-label={t("choose")} onChange={(event) => (send(event.currentTarget.files), (event.currentTarget.value = ""))} />
        <p class="quiet">{t("kinds")}</p>
      </div>
      <SystemChoice value={system} onChange={setSystem} />
    </>
  );
}
