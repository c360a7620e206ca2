import { useEffect, useRef } from "preact/hooks";
import { translator } from "../../i18n";
import { edit } from "../../i18n/edit";
import { conflict, fork, keepMine, pending, saveState, takeTheirs } from "../../state/draft";

const t = translator(edit);

/** Somebody else changed the draft first: whose edits go on? */
export function Conflict() {
  const box = useRef<HTMLDialogElement>(null);
  const open = saveState.value === "conflict";
  useEffect(() => {
    if (open && !box.current?.open) box.current?.showModal();
    if (!open && box.current?.open) box.current.close();
  }, [open]);
  return (
    <dialog ref={box} class="conflict-dialog" aria-labelledby="conflict-title" onCancel={(event) => event.preventDefault()}>
      <h2 id="conflict-title">{t("conflictTitle")}</h2>
      <p>{t("conflictText", { position: conflict.value?.position ?? "?", mine: pending.value.length })}</p>
      <button type="button" class="wide" onClick={() => void keepMine()}>
        {t("keepMine")}
      </button>
      <button type="button" class="wide" onClick={() => void takeTheirs()}>
        {t("takeTheirs")}
      </button>
      <button type="button" class="wide" onClick={() => void fork()}>
        {t("fork")}
      </button>
    </dialog>
  );
}
