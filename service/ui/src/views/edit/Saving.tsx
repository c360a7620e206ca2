import { translator } from "../../i18n";
import { edit } from "../../i18n/edit";
import { pending, saveState } from "../../state/draft";

const t = translator(edit);
const WORDS = { saved: "saved", saving: "saving", waiting: "waiting", conflict: "inConflict" } as const;

/** Whether everything is stored. */
export function Saving() {
  const state = saveState.value;
  return (
    <p class={`saving ${state}`} role="status" data-state={state}>
      {t(WORDS[state], { count: pending.value.length })}
    </p>
  );
}
