import { useState } from "preact/hooks";
import type { Dataset, TableFound } from "../../api/types";
import { language, translator } from "../../i18n";
import { data, fields, roles } from "../../i18n/data";
import { readAgain } from "../../state/importing";
import { SystemChoice } from "./SystemChoice";

const t = translator(data);

const fieldTitle = (field: string): string => (fields[language.value] as Record<string, string>)[field] ?? field;
const roleTitle = (role: string): string => (roles[language.value] as Record<string, string>)[role.split(":")[0]!] ?? role;
const POSITION = /^(经度|纬度|x|y|lon|lng|lat|longitude|latitude|.*坐标.*)$/i;
const tableName = ({ file, layer }: TableFound): string => [file, layer].filter(Boolean).join(" · ");

const samplesOf = (samples: string[]): string => [...new Set(samples.filter((sample) => sample && sample !== "nan"))].slice(0, 2).join(language.value === "zh" ? "、" : ", ");

interface Corrections {
  roles: Record<string, string>;
  columns: Record<string, string>;
}

function OneTable({ table, corrections, onCorrect, mayCorrect }: { table: TableFound; corrections: Corrections; onCorrect: (next: Corrections) => void; mayCorrect: boolean }) {
  const key = table.layer ?? table.file;
  const role = corrections.roles[key] ?? table.role ?? "ignore";
  const meaningOf = (heading: string): string => {
    const corrected = Object.entries(corrections.columns).find(([, each]) => each === heading)?.[0];
    const found = Object.entries(table.columns).find(([field, each]) => each === heading && !(field in corrections.columns))?.[0];
    return corrected ?? found ?? (POSITION.test(heading) ? "position" : "");
  };
  return (
    <details open={!table.role || role === "ignore" || role === "buildings" || role === "compounds"}>
      <summary>
        {tableName(table)} – <strong>{roleTitle(role)}</strong> <span class="quiet">{table.rows}</span>
      </summary>
      {mayCorrect && (
        <label>
          {t("use")}
          <select value={role.split(":")[0]!} onChange={(event) => onCorrect({ ...corrections, roles: { ...corrections.roles, [key]: event.currentTarget.value } })}>
            {Object.keys(roles.zh).map((each) => (
              <option value={each}>{roleTitle(each)}</option>
            ))}
          </select>
        </label>
      )}
      <table class="faults columns-found">
        <thead>
          <tr>
            <th>{t("column")}</th>
            <th>{t("meaning")}</th>
            <th>{t("example")}</th>
          </tr>
        </thead>
        <tbody>
          {table.headings.map(({ heading, samples }) => (
            <tr>
              <td>{heading}</td>
              <td>
                {mayCorrect && meaningOf(heading) !== "position" ? (
                  <select
                    aria-label={`${t("meaning")}: ${heading}`}
                    value={meaningOf(heading)}
                    onChange={(event) => event.currentTarget.value && onCorrect({ ...corrections, columns: { ...corrections.columns, [event.currentTarget.value]: heading } })}
                  >
                    <option value="">{t("nothing")}</option>
                    {Object.keys(fields.zh).filter((field) => field !== "position").map((field) => (
                      <option value={field}>{fieldTitle(field)}</option>
                    ))}
                  </select>
                ) : (
                  fieldTitle(meaningOf(heading))
                )}
              </td>
              <td class="quiet">{samplesOf(samples)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

/** What each table and column was taken for; corrections lead to another reading of the same files. */
export function Recognised({ dataset, mayCorrect }: { dataset: Dataset; mayCorrect: boolean }) {
  const [corrections, setCorrections] = useState<Corrections>({ roles: {}, columns: {} });
  const told = dataset.options.crs;
  const [system, setSystem] = useState<string | null>(null);
  const tables = dataset.summary?.tables ?? [];
  const changed = system !== null || Object.keys(corrections.roles).length + Object.keys(corrections.columns).length > 0;
  if (!tables.length) return null;
  return (
    <section>
      <h3>{t("recognised")}</h3>
      {mayCorrect && <p class="quiet">{t("recognisedHint")}</p>}
      {tables.map((table) => (
        <OneTable table={table} corrections={corrections} onCorrect={setCorrections} mayCorrect={mayCorrect} />
      ))}
      {mayCorrect && <SystemChoice value={system ?? (typeof told === "string" ? told : "")} onChange={setSystem} />}
      {mayCorrect && (
        <button type="button" disabled={!changed} onClick={() => void readAgain(dataset, { ...corrections, ...(system === null ? {} : { crs: system || undefined }) })}>
          {t("readAgain")}
        </button>
      )}
    </section>
  );
}
