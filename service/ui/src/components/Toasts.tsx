import { address } from "../api/client";
import type { Fault } from "../api/problem";
import { translator } from "../i18n";
import { common } from "../i18n/common";
import { close, offline, toasts, type Toast } from "../state/notices";

const t = translator(common);

const place = (fault: Fault): string =>
  [fault.file, fault.layer, fault.row === null ? null : t("row", { row: fault.row }), fault.column, fault.pointer].filter(Boolean).join(" · ");

/** Faults one below the other: where, what is wrong, how it is mended. */
export function FaultList({ faults }: { faults: Fault[] }) {
  return (
    <table class="faults">
      <thead>
        <tr>
          <th>{t("where")}</th>
          <th>{t("what")}</th>
          <th>{t("remedy")}</th>
        </tr>
      </thead>
      <tbody>
        {faults.map((fault) => (
          <tr>
            <td>{place(fault)}</td>
            <td>
              {fault.message}
              {fault.value !== null && <code> {fault.value}</code>}
            </td>
            <td>{fault.remedy}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function One({ toast }: { toast: Toast }) {
  const faults = toast.problem?.errors ?? [];
  return (
    <div class={`toast ${toast.kind}`} role={toast.kind === "error" ? "alert" : "status"}>
      <p>{toast.text}</p>
      {faults.length > 0 && <FaultList faults={faults.slice(0, 8)} />}
      {toast.problem?.download && (
        <a href={address(toast.problem.download)}>{t("allFaults", { count: toast.problem.num_errors ?? faults.length })}</a>
      )}
      <button type="button" class="plain" aria-label={t("close")} onClick={() => close(toast.key)}>
        ×
      </button>
    </div>
  );
}

export function Toasts() {
  return (
    <div class="toasts">
      {offline.value && (
        <div class="toast error" role="alert">
          <p>{t("unreachable")}</p>
        </div>
      )}
      {toasts.value.map((toast) => (
        <One key={toast.key} toast={toast} />
      ))}
    </div>
  );
}
