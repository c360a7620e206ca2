import { useState } from "preact/hooks";
import { address } from "../../api/client";
import { JobLine } from "../../components/JobLine";
import { translator } from "../../i18n";
import { common } from "../../i18n/common";
import { handover } from "../../i18n/handover";
import { files, makeSheets, print, printed, printJob, sheetsJob } from "../../state/handover";
import { isOver, type Followed } from "../../state/jobs";
import { link } from "../../state/route";
import { level as shownLevel, mayPlan, plan, project } from "../../state/workspace";
import type { Signal } from "@preact/signals";

const t = translator(handover);
const c = translator(common);
const SCALES = [500, 1000, 2000, 2500, 5000, 10_000, 25_000, 50_000];

const busy = (now: Signal<Followed | null>): boolean => now.value !== null && !isOver(now.value.job.value);

function MapToScale() {
  const [paper, setPaper] = useState<"A3" | "A4">("A3");
  const [scale, setScale] = useState<number | null>(null);
  const [level, setLevel] = useState<string>(shownLevel.value);
  const levels = plan.value!.levels;
  return (
    <>
      <div class="print-fields">
        <label>
          {t("paper")}
          <select value={paper} onChange={(event) => setPaper(event.currentTarget.value as "A3" | "A4")}>
            <option>A3</option>
            <option>A4</option>
          </select>
        </label>
        <label>
          {t("scale")}
          <select value={scale ?? ""} onChange={(event) => setScale(Number(event.currentTarget.value) || null)}>
            <option value="">{t("fit")}</option>
            {SCALES.map((each) => (
              <option value={each}>1 : {each.toLocaleString("en-US")}</option>
            ))}
          </select>
        </label>
        {levels.length > 1 && (
          <label>
            {t("level")}
            <select value={level} onChange={(event) => setLevel(event.currentTarget.value)}>
              {levels.map((each) => (
                <option value={each.level}>{c(each.level)}</option>
              ))}
            </select>
          </label>
        )}
      </div>
      <p class="quiet">{t("printHint")}</p>
      <JobLine now={printJob.now} stoppable={false} />
      {!busy(printJob.now) && (
        <button type="button" class="main" onClick={() => void print(paper, scale, level)}>
          {t("makeMap")}
        </button>
      )}
      <ul class="files" aria-live="polite">
        {printed.value.map(({ title, href }) => (
          <li>
            <a href={address(href)} target="_blank" rel="noopener">
              {title}
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Paper: the map to scale, a sheet per grid, duty sheets. */
export function Print() {
  const now = plan.value!;
  const home = `projects/${project.value!.id}/plans/${now.id}/files`;
  const has = (name: string): boolean => files.value?.some((file) => file.name === name) ?? false;
  return (
    <section class="card">
      <h2>{t("print")}</h2>
      {mayPlan.value && <MapToScale />}
      {!has("sheets.pdf") && mayPlan.value && now.approval !== "filed" && files.value && (
        <>
          <JobLine now={sheetsJob.now} stoppable={false} />
          {!busy(sheetsJob.now) && (
            <p>
              <button type="button" onClick={() => void makeSheets()}>
                {t("makeSheets")}
              </button>
            </p>
          )}
        </>
      )}
      {has("duty.pdf") ? (
        <p>
          <a href={address(`${home}/duty.pdf`)} target="_blank" rel="noopener">
            {t("duty")}
          </a>
        </p>
      ) : (
        <p class="quiet">
          {t("duty")}: <a href={link({ view: "people" })}>{t("dutyHint")}</a>
        </p>
      )}
    </section>
  );
}
