import { useState } from "preact/hooks";
import { count, translator } from "../../i18n";
import { redraw } from "../../i18n/redraw";
import { chosenUnits, hold, note, type Change } from "../../state/redrawing";
import { shown } from "../../state/shown";
import { level } from "../../state/workspace";
import { PickedMore } from "./PickedMore";
import { communities } from "./words";

const t = translator(redraw);

const MAX_OFFERED = 30;

/** Buildings are picked by name as well, for those who use no mouse. */
export function FindUnit() {
  const [word, setWord] = useState("");
  const now = shown.value;
  if (!now) return null;
  const wanted = word.trim().toLowerCase();
  const names = now.cells.properties.map(({ id, name }) => name ?? id);
  const exact = now.cells.properties.findIndex(({ id }, unit) => id.toLowerCase() === wanted || names[unit]!.toLowerCase() === wanted);
  const near = wanted ? names.filter((name) => name.toLowerCase().includes(wanted)).slice(0, MAX_OFFERED) : [];
  return (
    <form
      class="row find"
      onSubmit={(event) => {
        event.preventDefault();
        if (exact < 0) return;
        chosenUnits.value = new Set([...chosenUnits.value, exact]);
        setWord("");
      }}
    >
      <input type="search" list="units-found" aria-label={t("find")} placeholder={t("find")} value={word} onInput={(event) => setWord(event.currentTarget.value)} />
      <datalist id="units-found">
        {near.map((name) => (
          <option value={name} />
        ))}
      </datalist>
      <button type="submit" disabled={exact < 0}>
        {t("pickIt")}
      </button>
    </form>
  );
}

/** What happened to the buildings that are picked. */
export function PickedChange() {
  const [households, setHouseholds] = useState("");
  const now = shown.value;
  const units = [...chosenUnits.value];
  if (!now || !units.length) return null;
  const objects = units.map((unit) => now.cells.ids[unit]!);
  const sum = units.reduce((all, unit) => all + now.cells.properties[unit]!.households, 0);
  const grids = [...new Set(units.flatMap((unit) => now.labels[unit] ?? []))].sort();
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
      <PickedMore units={units} objects={objects} />
      <p class="row">
        <button type="button" onClick={() => hold(objects.map((id) => `unit:${id}`))}>
          {t("holdUnit")}
        </button>
        <button type="button" onClick={() => hold(units.flatMap((unit) => (now.labels[unit] ? [`${level.value}:${now.labels[unit]}`] : [])))}>
          {t("holdGrid")}
        </button>
        {grids.length === 2 && (
          <button type="button" onClick={() => hold([`line:${grids.join("/")}`])}>
            {t("holdLine")}
          </button>
        )}
      </p>
    </section>
  );
}
