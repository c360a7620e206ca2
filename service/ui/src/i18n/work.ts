import { define } from "./define";

/** Words of jobs that run beside the page's main content. */
export const work = define({
  zh: {
    queued: "排队等候中",
    running: "正在计算",
    stop: "停止，保留目前最好的",
    stopping: "正在停止…",
    dismiss: "放弃",
    failed: "没有完成",
    gap: "离最好至多还差 {gap}",
    misfit: "还有 {count} 户在要求之外",
    parts: "已完成 {done} / {pieces}",
    phase_read: "读取",
    phase_solve: "寻找并证明",
    phase_write: "写出文件",
    phase_roster: "读取花名册",
    phase_assign: "安排",
    phase_explain: "查找原因",
  },
  en: {
    queued: "Waiting in the queue",
    running: "Working",
    stop: "Stop and keep the best",
    stopping: "Stopping …",
    dismiss: "Discard",
    failed: "Not finished",
    gap: "at most {gap} from the best possible",
    misfit: "{count} {count|household|households} still outside the bounds",
    parts: "{done} of {pieces} finished",
    phase_read: "reading",
    phase_solve: "searching and proving",
    phase_write: "writing files",
    phase_roster: "reading the roster",
    phase_assign: "posting",
    phase_explain: "finding reasons",
  },
});
