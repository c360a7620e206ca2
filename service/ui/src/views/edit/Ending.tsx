import { useState } from "preact/hooks";
import { translator } from "../../i18n";
import { edit } from "../../i18n/edit";
import { brief } from "../../map/names";
import { anythingChanged, homes } from "../../state/draftTrial";
import { draft, finish, saveAs, saveState, work } from "../../state/draft";
import { stopJob } from "../../state/jobs";

const t = translator(edit);

/** What a draft becomes: a new plan as it is, or one that the solver ended. */
export function Ending() {
  const [name, setName] = useState("");
  const job = work.value?.job.value;
  if (job) {
    return (
      <p role="status">
        <span class="spinner inline" /> {t("running")}{" "}
        <button type="button" onClick={() => void stopJob(job)}>
          {t("stop")}
        </button>
      </p>
    );
  }
  const busy = saveState.value !== "saved";
  return (
    <>
      <section>
        <h3>{t("finishing")}</h3>
        <p class="quiet">{t("finishHint")}</p>
        <div class="row">
          <button type="button" disabled={busy} onClick={() => void finish()}>
            {t("finish")}
          </button>
          {homes.value.length > 0 && (
            <button type="button" disabled={busy} onClick={() => void finish(homes.value)}>
              {t("finishOnly", { grids: homes.value.map((grid) => brief(grid)).join("、") })}
            </button>
          )}
        </div>
      </section>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void saveAs(name.trim());
        }}
      >
        <h3>{t("save")}</h3>
        <div class="row">
          <input aria-label={t("saveName")} placeholder={t("saveName")} maxLength={80} value={name} onInput={(event) => setName(event.currentTarget.value)} />
          <button type="submit" class="main" disabled={busy || !(anythingChanged.value || draft.value?.staff?.changes)}>
            {t("save")}
          </button>
        </div>
      </form>
    </>
  );
}
