import { useState } from "preact/hooks";
import { translator } from "../../i18n";
import { redraw } from "../../i18n/redraw";
import { note, placing } from "../../state/redrawing";
import { level, plan } from "../../state/workspace";
import { communities } from "./words";

const t = translator(redraw);

function NewBuilding() {
  const [id, setId] = useState("");
  const [households, setHouseholds] = useState("");
  const [place, setPlace] = useState<[number, number] | null>(null);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!place) return;
        note({ kind: "new", objects: [id.trim()], value: households, lon: place[0].toFixed(7), lat: place[1].toFixed(7) });
        setId("");
        setHouseholds("");
        setPlace(null);
      }}
    >
      <h4>{t("newBuilding")}</h4>
      <div class="level-fields flush">
        <label>
          {t("newId")}
          <input required maxLength={60} value={id} onInput={(event) => setId(event.currentTarget.value)} />
        </label>
        <label>
          {t("newHouseholds")}
          <input required type="number" min={0} value={households} onInput={(event) => setHouseholds(event.currentTarget.value)} />
        </label>
      </div>
      <p class="row">
        <button type="button" onClick={() => (placing.value = (lon, lat) => setPlace([lon, lat]))}>
          {place ? t("placed", { lon: place[0].toFixed(5), lat: place[1].toFixed(5) }) : t("place")}
        </button>
        <button type="submit" disabled={!place}>
          {t("setIt")}
        </button>
      </p>
    </form>
  );
}

function Merge() {
  const [gone, setGone] = useState("");
  const [stays, setStays] = useState("");
  const all = communities();
  if (all.length < 2) return null;
  const choice = (title: string, value: string, set: (value: string) => void) => (
    <label>
      {title}
      <select value={value} onChange={(event) => set(event.currentTarget.value)}>
        <option value="">{t("choose")}</option>
        {all.map(({ id, name }) => (
          <option value={id}>{name}</option>
        ))}
      </select>
    </label>
  );
  return (
    <>
      <div class="level-fields flush">
        {choice(t("merge"), gone, setGone)}
        {choice(t("with"), stays, setStays)}
      </div>
      <button type="button" disabled={!gone || !stays || gone === stays} onClick={() => (note({ kind: "merge_communities", objects: [stays, gone] }), setGone(""), setStays(""))}>
        {t("setIt")}
      </button>
    </>
  );
}

function Bounds() {
  const now = plan.value?.levels.find((each) => each.level === level.value)?.bounds;
  const [min, setMin] = useState("");
  const [max, setMax] = useState("");
  if (!now) return null;
  const [low, high] = [Number(min || now.min), Number(max || now.max)];
  return (
    <>
      <h4>{t("bounds")}</h4>
      <div class="level-fields flush">
        <label>
          {t("from")}
          <input type="number" min={0} placeholder={String(now.min)} value={min} onInput={(event) => setMin(event.currentTarget.value)} />
        </label>
        <label>
          {t("to")}
          <input type="number" min={1} placeholder={String(now.max)} value={max} onInput={(event) => setMax(event.currentTarget.value)} />
        </label>
      </div>
      <button type="button" disabled={(!min && !max) || low > high} onClick={() => (note({ kind: "bounds", objects: [level.value], value: `${low}-${high}` }), setMin(""), setMax(""))}>
        {t("setIt")}
      </button>
    </>
  );
}

/** Changes that are not about buildings on the map. */
export function OtherChanges() {
  return (
    <details>
      <summary>{t("others")}</summary>
      <NewBuilding />
      <Merge />
      <Bounds />
    </details>
  );
}
