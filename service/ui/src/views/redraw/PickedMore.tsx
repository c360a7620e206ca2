import { useState } from "preact/hooks";
import { translator } from "../../i18n";
import { redraw } from "../../i18n/redraw";
import { note } from "../../state/redrawing";
import { shown, specialUnits } from "../../state/shown";

const t = translator(redraw);

/** A name, and what it is given to. */
function Named({ title, hint, onSet }: { title: string; hint: string; onSet: (name: string) => void }) {
  const [name, setName] = useState("");
  return (
    <form
      class="named"
      onSubmit={(event) => {
        event.preventDefault();
        onSet(name.trim());
      }}
    >
      <label>
        {title}
        <input required pattern=".*\S.*" maxLength={60} placeholder={hint} value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <button type="submit">{t("setIt")}</button>
    </form>
  );
}

/** What happens to picked buildings less often: they become special, another compound, a community of their own, joined by a bridge. */
export function PickedMore({ units, objects }: { units: number[]; objects: string[] }) {
  const properties = units.map((unit) => shown.value!.cells.properties[unit]!);
  const homes = new Set(properties.map(({ community }) => community));
  const [home] = homes;
  return (
    <details>
      <summary>{t("more")}</summary>
      <Named title={t("special")} hint={t("specialHint")} onSet={(value) => note({ kind: "special", objects, value })} />
      {units.some((unit) => specialUnits.value.has(unit)) && (
        <p>
          <button type="button" onClick={() => note({ kind: "special", objects, value: "" })}>
            {t("ordinary")}
          </button>
        </p>
      )}
      <Named title={t("compound")} hint={t("compoundHint")} onSet={(value) => note({ kind: "compound", objects, value })} />
      {homes.size === 1 && home && (
        <Named title={t("splitCommunity")} hint={t("splitHint")} onSet={(value) => note({ kind: "split_community", objects: [home], value, moved_buildings: objects })} />
      )}
      {objects.length === 2 && (
        <p>
          <button type="button" onClick={() => note({ kind: "bridge", objects })}>
            {t("bridgeBetween")}
          </button>
        </p>
      )}
    </details>
  );
}
