import { useRef, useState } from "preact/hooks";
import { JobLine } from "../../components/JobLine";
import { translator } from "../../i18n";
import { people } from "../../i18n/people";
import { isOver } from "../../state/jobs";
import { ask } from "../../state/route";
import { absent, found, post, rosterId, rosters, staffJob, uploadRoster, uploading, wishes } from "../../state/staffing";
import { mayPlan } from "../../state/workspace";

const t = translator(people);

function Drop() {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const send = (files: FileList | null | undefined) => void uploadRoster([...(files ?? [])]);
  if (uploading.value) {
    return (
      <p class="drop busy" role="status">
        <span class="spinner" aria-hidden="true" /> {t("reading")}
      </p>
    );
  }
  return (
    <div
      class={over ? "drop small over" : "drop small"}
      onDragOver={(event) => (event.preventDefault(), setOver(true))}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => (event.preventDefault(), setOver(false), send(event.dataTransfer?.files))}
    >
      <strong>{t("drop")}</strong>{" "}
      <button type="button" onClick={() => input.current?.click()}>
        {t("choose")}
      </button>
      <input ref={input} type="file" multiple hidden aria-label={t("choose")} onChange={(event) => (send(event.currentTarget.files), (event.currentTarget.value = ""))} />
      <p class="quiet">{t("kinds")}</p>
    </div>
  );
}

function Wishes() {
  if (!wishes.value.length && !absent.value.length) return null;
  const gone = (word: string, drop: () => void) => (
    <li>
      <span>{word}</span>
      <button type="button" class="plain" aria-label={`${t("remove")} ${word}`} onClick={drop}>
        ×
      </button>
    </li>
  );
  return (
    <section>
      <h3>{t("wishes")}</h3>
      <ul class="links">
        {wishes.value.map((each) => gone(t("wish", { person: each.person, target: each.target }), () => (wishes.value = wishes.value.filter((other) => other !== each))))}
        {absent.value.map((person) => gone(t("absent", { person }), () => (absent.value = absent.value.filter((other) => other !== person))))}
      </ul>
      <p class="quiet">{t("wishHint")}</p>
    </section>
  );
}

/** The roster, wishes, and the button that posts everybody. */
export function RosterBox() {
  const [sheets, setSheets] = useState(false);
  const job = staffJob.now.value?.job.value;
  const busy = job !== undefined && !isOver(job);
  if (!mayPlan.value) return <p class="quiet">{t("noRight")}</p>;
  return (
    <>
      {!rosters.value.length && <p>{t("intro")}</p>}
      {rosters.value.length > 0 && (
        <label>
          {t("roster")}
          <select value={rosterId.value ?? ""} onChange={(event) => ask({ roster: event.currentTarget.value })}>
            {rosters.value.map(({ id, name, files, version }) => (
              <option value={id}>
                {name || files.map((file) => file.name).join("、")} · {version}
              </option>
            ))}
          </select>
        </label>
      )}
      {rosters.value.length && found.value ? (
        <details>
          <summary>{t("drop")}</summary>
          <Drop />
        </details>
      ) : (
        <Drop />
      )}
      <Wishes />
      <JobLine now={staffJob.now} />
      {rosterId.value && !busy && (
        <>
          <label class="check">
            <input type="checkbox" checked={sheets} onChange={(event) => setSheets(event.currentTarget.checked)} />
            {t("sheets")}
          </label>
          <p>
            <button type="button" class="main" onClick={() => void post(sheets)}>
              {found.value ? t("again") : t("start")}
            </button>
          </p>
        </>
      )}
    </>
  );
}
