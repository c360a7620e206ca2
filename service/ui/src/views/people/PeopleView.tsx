import { useState } from "preact/hooks";
import { translator } from "../../i18n";
import { common } from "../../i18n/common";
import { people } from "../../i18n/people";
import type { PlanMap } from "../../map/planMap";
import { staffDraft } from "../../state/draftStaffing";
import { link } from "../../state/route";
import { found, staffing } from "../../state/staffing";
import { plans } from "../../state/workspace";
import { Conflict } from "../edit/Conflict";
import { useEditKeys } from "../edit/keys";
import { DraftBar } from "./DraftBar";
import { Found } from "./Found";
import { LoadMap } from "./LoadMap";
import { RosterBox } from "./RosterBox";

const t = translator(people);
const c = translator(common);

/** People: a roster in, who serves where out; wishes and another go. */
export function PeopleView() {
  useEditKeys();
  const [map, setMap] = useState<PlanMap | null>(null);
  if (plans.value && !plans.value.length) {
    return (
      <div class="card narrow">
        <p>{t("noPlanYet")}</p>
        <a class="button" href={link({ view: "plan" })}>
          {t("toPlan")}
        </a>
      </div>
    );
  }
  return (
    <div class="split">
      <div class="map-area">
        <LoadMap onReady={setMap} />
      </div>
      <aside class="side">
        <div class="panel">
          <DraftBar />
          {!staffDraft.value && <RosterBox />}
          {staffing.value === null && <p class="waiting">{c("loading")}</p>}
          {staffing.value === "none" && <p class="quiet">{t("noStaffing")}</p>}
          {found.value && <Found map={map} />}
        </div>
      </aside>
      <Conflict />
    </div>
  );
}
