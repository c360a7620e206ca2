"""Every error that the service answers with: its code, its HTTP status and its words. The one table of errors.

ServiceError            any entry of `PROBLEMS`
└── FaultsError         with faults of an input, as the library names them
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from partitioner.errors import MAX_LISTED_FAULTS, Fault, InputError, OutputError, Place, Text


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One entry of the table."""

    status: int
    title: Text
    remedy: Text


def _kind(status: int, zh: str, en: str, remedy_zh: str, remedy_en: str) -> Kind:
    return Kind(status=status, title=Text(zh, en), remedy=Text(remedy_zh, remedy_en))


PROBLEMS: dict[str, Kind] = {
    "request_malformed": _kind(400, "请求格式有误", "malformed request", "请检查请求", "check the request"),
    "host_unknown": _kind(
        400, "不认识的主机名", "unknown host name", "请用 --allow-host 登记该名称",
        "register the name with --allow-host",
    ),
    "token_missing": _kind(
        401, "需要登录", "a token is needed", "请用访问令牌登录", "send Authorization: Bearer TOKEN, or log in"
    ),
    "token_wrong": _kind(
        401, "令牌无效", "the token is not valid", "请检查令牌，或请管理员另发",
        "check it, or ask an admin for another one",
    ),
    "role_too_low": _kind(
        403, "权限不足", "this role may not do that", "请联系项目管理员", "ask an admin of the project"
    ),
    "own_plan": _kind(
        403, "不能审核自己提交的方案", "one's own plan needs another reviewer", "请由其他审核人审核",
        "let another reviewer decide",
    ),
    "origin_foreign": _kind(
        403, "不接受其他网站发来的请求", "requests from other sites are refused", "请从本服务的页面操作",
        "use this server's own page",
    ),
    "proxy_without_tokens": _kind(
        403, "经代理访问须先设置令牌", "behind a proxy tokens are needed", "请运行 wangge admin token add",
        "run wangge admin token add",
    ),
    "not_found": _kind(404, "没有找到", "not found", "请检查地址", "check the address"),
    "method_not_allowed": _kind(
        405, "不支持该方法", "method not allowed", "请查看接口文档", "see GET /api/v1/openapi.json"
    ),
    "conflict": _kind(409, "当前状态不允许", "not in this state", "请刷新后再试", "look at its present state"),
    "draft_changed": _kind(
        412, "已被他人修改", "somebody else was faster", "请刷新，再决定保留哪一份",
        "fetch it again and decide which version to keep",
    ),
    "too_large": _kind(413, "内容过大", "too large", "请缩小或拆分", "send less, or several parts"),
    "media_type": _kind(
        415, "不支持的内容类型", "unsupported media type", "请用 application/json", "send application/json"
    ),
    "input_invalid": _kind(422, "输入有误", "the input is wrong", "请按列表逐条改正", "mend the faults listed"),
    "request_invalid": _kind(
        422, "请求内容有误", "the request is wrong", "请按列表逐条改正", "mend the faults listed"
    ),
    "unit_locked": _kind(
        422, "已锁定，不能移动", "locked, so it stays", "请先解锁", "unlock it first"
    ),
    "key_reused": _kind(
        422, "Idempotency-Key 已用于另一请求", "the Idempotency-Key belongs to another request", "请换一个",
        "use a fresh key",
    ),
    "if_match_missing": _kind(
        428, "缺少 If-Match", "If-Match is missing", "请先读取，再带上其 ETag", "fetch it first and send its ETag"
    ),
    "rate_exceeded": _kind(429, "请求过于频繁", "too many requests", "请稍后再试", "wait, then try again"),
    "project_queue_full": _kind(
        429, "本项目排队任务过多", "too many jobs of this project wait", "请等已有任务完成", "wait for some to end"
    ),
    "internal": _kind(
        500, "服务内部错误", "internal error", "请把时间告诉管理员，日志中有详情",
        "tell the admin the time; the log has the details",
    ),
    "queue_full": _kind(503, "排队任务已满", "the queue is full", "请稍后再试", "try again later"),
    "draining": _kind(503, "服务正在停止", "the server is shutting down", "请稍后再试", "try again later"),
    "storage_failed": _kind(
        503, "存储暂时不可用", "storage is not available", "请稍后再试；若持续，请检查磁盘与数据库",
        "try again; if it goes on, check disk and database",
    ),
    "job_too_long": _kind(
        500, "任务超出时限，已终止", "the job ran beyond its time and was ended", "请放宽时限或缩小范围",
        "allow more time, or ask for less",
    ),
    "job_silent": _kind(
        500, "求解进程无响应，已终止", "the solver gave no sign of life and was ended",
        "请重试；若再次发生，请减少线程数", "try again; if it happens again, use fewer threads",
    ),
    "job_memory": _kind(
        500, "任务超出内存上限，已终止", "the job needed more memory than it may and was ended",
        "请缩小范围或提高内存上限", "ask for less, or raise the limit",
    ),
    "job_crashed": _kind(
        500, "求解进程意外结束", "the solver's process ended unexpectedly", "请重试；日志中有详情",
        "try again; the log has the details",
    ),
    "job_interrupted": _kind(
        500, "服务多次中断，任务未能完成", "the server went away too often for the job to end", "请重新提交",
        "submit it again",
    ),
}  # fmt: skip
"""All codes. Those that begin with `job_` stand in a job's `error`, never in an answer's status line."""


class ServiceError(Exception):
    """An answer that is not the one asked for.

    Parameters
    ----------
    code : str
        Key of `PROBLEMS`.
    detail : Text, optional
        This one case in a sentence.
    retry_after_s : float, optional
    extra : mapping, optional
        Further members of the document.
    """

    def __init__(
        self,
        code: str,
        detail: Text | None = None,
        *,
        retry_after_s: float | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.code = code
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.extra = dict(extra or {})
        super().__init__(code if detail is None else f"{code}: {detail.en}")


class FaultsError(ServiceError):
    """An input with faults. `num_faults` counts those that are not listed, too."""

    def __init__(
        self,
        faults: Sequence[Fault],
        code: str = "input_invalid",
        *,
        num_faults: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.faults = tuple(faults)
        self.num_faults = len(self.faults) if num_faults is None else num_faults
        num = self.num_faults
        super().__init__(code, Text(f"共 {num} 处问题", "1 fault" if num == 1 else f"{num} faults"), extra=extra)


def invalid(pointer: str, zh: str, en: str, remedy_zh: str, remedy_en: str, value: object = None) -> FaultsError:
    """One fault of a JSON body."""
    fault = Fault(
        rule="value_invalid",
        place=Place(pointer=pointer),
        message=Text(zh, en),
        remedy=Text(remedy_zh, remedy_en),
        value=None if value is None else str(value),
    )
    return FaultsError([fault], "request_invalid")


def of_library(error: Exception) -> ServiceError | None:
    """The answer for an error of the library; None for any other."""
    if isinstance(error, InputError):
        return FaultsError(error.faults)
    if isinstance(error, OutputError):
        return ServiceError("storage_failed", error.text())
    return None


def fault_document(fault: Fault, language: str) -> dict[str, Any]:
    """A fault in the reader's language."""
    place = fault.place
    return {
        "rule": fault.rule,
        "message": fault.message.in_language(language),
        "remedy": fault.remedy.in_language(language),
        "value": fault.value,
        "file": place.file,
        "layer": place.layer,
        "row": place.row,
        "column": place.column,
        "pointer": place.pointer,
    }


def problem_document(error: ServiceError, language: str, instance: str | None = None) -> dict[str, Any]:
    """RFC 9457, in the reader's language."""
    kind = PROBLEMS[error.code]
    document: dict[str, Any] = {
        "type": f"/api/v1/problems/{error.code}",
        "code": error.code,
        "status": kind.status,
        "title": kind.title.in_language(language),
        "detail": (error.detail or kind.title).in_language(language),
        "remedy": kind.remedy.in_language(language),
        "instance": instance,
    }
    if isinstance(error, FaultsError):
        listed = error.faults[:MAX_LISTED_FAULTS]
        document |= {
            "errors": [fault_document(fault, language) for fault in listed],
            "num_errors": error.num_faults,
            "download": None,
        }
    return document | error.extra


def to_stored(error: ServiceError) -> dict[str, Any]:
    """The error in both languages, as a job keeps it."""
    stored: dict[str, Any] = {"code": error.code}
    if error.detail is not None:
        stored["detail"] = [error.detail.zh, error.detail.en]
    if isinstance(error, FaultsError):
        stored["faults"] = [fault_to_stored(fault) for fault in error.faults[:MAX_LISTED_FAULTS]]
        stored["num_faults"] = error.num_faults
    return stored


def from_stored(stored: Mapping[str, Any]) -> ServiceError:
    """What `to_stored` was given."""
    if "faults" in stored:
        faults = [fault_from_stored(fault) for fault in stored["faults"]]
        return FaultsError(faults, stored["code"], num_faults=stored["num_faults"])
    detail = stored.get("detail")
    return ServiceError(stored["code"], None if detail is None else Text(*detail))


def fault_to_stored(fault: Fault) -> dict[str, Any]:
    """A fault in both languages."""
    place = fault.place
    return {
        "rule": fault.rule,
        "message": [fault.message.zh, fault.message.en],
        "remedy": [fault.remedy.zh, fault.remedy.en],
        "value": fault.value,
        "place": [place.file, place.layer, place.row, place.column, place.pointer],
    }


def fault_from_stored(stored: Mapping[str, Any]) -> Fault:
    """What `fault_to_stored` was given."""
    file, layer, row, column, pointer = stored["place"]
    return Fault(
        rule=stored["rule"],
        message=Text(*stored["message"]),
        remedy=Text(*stored["remedy"]),
        value=stored["value"],
        place=Place(file=file, layer=layer, row=row, column=column, pointer=pointer),
    )
