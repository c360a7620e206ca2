import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";

export interface Column<R> {
  id: string;
  title: string;
  value: (row: R) => string | number | null;
  show?: (row: R) => ComponentChildren;
  numeric?: boolean;
}

const ROW = 30;

/** A sortable table that draws only the rows in sight; arrows move, Enter picks. */
export function Table<R>({ rows, columns, keyOf, picked, onPick, label }: {
  rows: R[];
  columns: Column<R>[];
  keyOf: (row: R) => string;
  picked: string | null;
  onPick: (row: R) => void;
  label: string;
}) {
  const [sorting, setSorting] = useState<{ id: string; down: boolean } | null>(null);
  const [top, setTop] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const sorted = useMemo(() => {
    const column = columns.find(({ id }) => id === sorting?.id);
    if (!column) return rows;
    const sign = sorting!.down ? -1 : 1;
    return [...rows].sort((a, b) => sign * compare(column.value(a), column.value(b)));
  }, [rows, columns, sorting]);
  const height = 420;
  const first = Math.max(0, Math.floor(top / ROW) - 5);
  const visible = sorted.slice(first, first + Math.ceil(height / ROW) + 12);
  const position = sorted.findIndex((row) => keyOf(row) === picked);

  useEffect(() => {
    const element = box.current;
    if (!element || position < 0) return;
    const at = position * ROW;
    if (at < element.scrollTop || at > element.scrollTop + element.clientHeight - 3 * ROW) element.scrollTop = Math.max(0, at - 4 * ROW);
  }, [position]);

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (step === undefined || !sorted.length) return;
    event.preventDefault();
    onPick(sorted[Math.min(Math.max(position + step, 0), sorted.length - 1)]!);
  };
  return (
    <div class="table" ref={box} role="grid" aria-label={label} aria-rowcount={sorted.length + 1} tabIndex={0} onKeyDown={onKeyDown} onScroll={(event) => setTop(event.currentTarget.scrollTop)}>
      <div class="table-head" role="row">
        {columns.map((column) => (
          <span role="columnheader" class={column.numeric ? "number" : ""} aria-sort={sorting?.id === column.id ? (sorting.down ? "descending" : "ascending") : "none"}>
            <button type="button" class="plain" onClick={() => setSorting({ id: column.id, down: sorting?.id === column.id && !sorting.down })}>
              {column.title}
              <i aria-hidden="true">{sorting?.id === column.id ? (sorting.down ? " ▾" : " ▴") : ""}</i>
            </button>
          </span>
        ))}
      </div>
      <div role="rowgroup" style={{ height: `${sorted.length * ROW}px`, position: "relative" }}>
        {visible.map((row, i) => (
          <div
            key={keyOf(row)}
            role="row"
            aria-rowindex={first + i + 2}
            aria-selected={keyOf(row) === picked}
            class="table-row"
            style={{ top: `${(first + i) * ROW}px` }}
            onClick={() => onPick(row)}
          >
            {columns.map((column) => (
              <span role="gridcell" class={column.numeric ? "number" : ""}>
                {column.show ? column.show(row) : column.value(row)}
              </span>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

function compare(a: string | number | null, b: string | number | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "zh-CN", { numeric: true });
}
