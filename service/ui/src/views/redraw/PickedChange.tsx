import { useState } from "preact/hooks";
import { count, translator } from "../../i18n";
import { redraw } from "../../i18n/redraw";
import { chosenUnits, note, type Change } from "../../state/redrawing";
import { shown } from "../../state/shown";
import { communities } from "./words";

const t = translator(redraw);

/** What happened to the buildings that are picked. */
export function PickedChange() {
  const [households, setHouseholds] = useState("");
  const now = shown.value;
  const units = [...chosenUnits.value];
  if (!now || !units.length) return null;
  const objects = units.map((unit) => now.cells.ids[unit]!);
  const sum = units.reduce((all, unit) => all + now.cells.properties[unit]!.households, 0);
  const put = (change: Omit<Change, "objects">) => note({ ...change, objects } as Change);
  return (
    <section class="card pick">
      <p>
        <strong>{t("pickedUnits", { count: units.length, households: count(sum) })}</strong>{" "}
        <button type="button" class="plain" onClick={() => (chosenUnits.value = new Set())}>
          {t("clearPick")}
        </button>
      </p>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          put({ kind: "households", value: households.trim() });
          setHouseholds("");
        }}
      >
        <label class="inline">
          {t("households")}
          <input required pattern="[+\-]?[0-9]+" placeholder={t("householdsHint")} title={t("householdsHint")} value={households} onInput={(event) => setHouseholds(event.currentTarget.value)} />
        </label>
        <button type="submit">{t("setIt")}</button>
      </form>
      <p class="row">
        <button type="button" onClick={() => put({ kind: "demolish" })}>
          {t("demolish")}
        </button>
        <select aria-label={t("line")} value="" onChange={(event) => event.currentTarget.value && put({ kind: "line", value: event.currentTarget.value })}>
          <option value="">{t("line")} …</option>
          {communities().map(({ id, name }) => (
            <option value={id}>{name}</option>
          ))}
        </select>
      </p>
    </section>
  );
}
