import { useState } from "preact/hooks";
import { translator } from "../../i18n";
import { handover } from "../../i18n/handover";
import { tell } from "../../state/notices";
import { link } from "../../state/route";
import { level, plan } from "../../state/workspace";

const t = translator(handover);

/** An address that leads to this plan at this level. */
export function Share() {
  const [failed, setFailed] = useState(false);
  const here = new URL(link({ view: "map", query: { plan: plan.value!.id, level: level.value } }), document.baseURI).href;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(here);
      tell(t("copied"));
    } catch {
      setFailed(true);
    }
  };
  return (
    <section class="card">
      <h2>{t("share")}</h2>
      <label>
        {t("shareHint")}
        <input type="text" readOnly value={here} onFocus={(event) => event.currentTarget.select()} />
      </label>
      <button type="button" onClick={() => void copy()}>
        {t("copy")}
      </button>
      {failed && <p role="status">{t("copyByHand")}</p>}
    </section>
  );
}
