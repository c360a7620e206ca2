import { useRef, useState } from "preact/hooks";
import { translator } from "../../i18n";
import { data } from "../../i18n/data";
import { importFiles, reading } from "../../state/importing";
import { project } from "../../state/workspace";
import { SystemChoice } from "./SystemChoice";

const t = translator(data);

/** Where files are dropped or chosen. */
export function DropZone() {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [system, setSystem] = useState("");
  const ofProject = project.value?.crs;
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
      <SystemChoice value={system} onChange={setSystem} empty={ofProject ? t("asProject", { system: ofProject }) : undefined} />
    </>
  );
}
