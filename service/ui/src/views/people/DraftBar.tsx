import { translator } from "../../i18n";
import { edit } from "../../i18n/edit";
import { people } from "../../i18n/people";
import { canRedo, canUndo, redo, undo } from "../../state/draft";
import { staffDraft } from "../../state/draftStaffing";
import { link } from "../../state/route";
import { Saving } from "../edit/Saving";
import { StaffEffect } from "../edit/StaffEffect";

const t = translator(people);
const e = translator(edit);

/** While a draft is open, people are moved in it: at once, undone with the other steps, saved with the plan it becomes. */
export function DraftBar() {
  if (!staffDraft.value) return null;
  return (
    <section class="draft-bar">
      <Saving />
      <p class="quiet">{t("inDraft")}</p>
      <p class="row">
        <button type="button" title={e("undoHint")} disabled={!canUndo.value} onClick={undo}>
          {e("undo")}
        </button>
        <button type="button" title={e("redoHint")} disabled={!canRedo.value} onClick={redo}>
          {e("redo")}
        </button>
        <a class="button" href={link({ view: "map" })}>
          {t("backToEdit")}
        </a>
      </p>
      <StaffEffect />
    </section>
  );
}
