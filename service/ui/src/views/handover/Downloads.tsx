import { address } from "../../api/client";
import { translator } from "../../i18n";
import { common } from "../../i18n/common";
import { handover } from "../../i18n/handover";
import { files } from "../../state/handover";
import { plan, project } from "../../state/workspace";

const t = translator(handover);
const c = translator(common);
/** What is looked for most comes first. */
const FIRST = ["ledger.xlsx", "overview.pdf", "sheets.pdf", "duty.pdf", "staffing.xlsx", "changes.xlsx", "plan.gpkg", "report.zh.md"];

const size = (bytes: number): string => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
const rank = (name: string): number => (FIRST.indexOf(name) + FIRST.length + 1) % (FIRST.length + 1);

/** Every file of the plan. */
export function Downloads() {
  const home = `projects/${project.value!.id}/plans/${plan.value!.id}`;
  const sorted = [...(files.value ?? [])].sort((a, b) => rank(a.name) - rank(b.name) || a.name.localeCompare(b.name));
  return (
    <section class="card downloads">
      <h2>{t("downloads")}</h2>
      {files.value === null && <p class="quiet">{c("loading")}</p>}
      {sorted.length > 0 && (
        <p>
          <a class="button main" href={address(`${home}/files.zip`)} download>
            {t("all")}
          </a>
        </p>
      )}
      <ul class="links">
        {sorted.map(({ name, bytes, purpose }) => (
          <li>
            <span>
              <a href={address(`${home}/files/${encodeURIComponent(name)}`)} download={name}>
                {name}
              </a>
              {purpose && <small class="quiet">{purpose}</small>}
            </span>
            <span class="quiet">{size(bytes)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
