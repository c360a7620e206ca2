"""Errors as answers."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.exceptions import HTTPException

from partitioner.errors import Fault, InputError, OutputError, Place, Text, shorten
from service.api.asking import language_of
from service.errors import PROBLEMS, FaultsError, ServiceError, of_library, problem_document
from service.jobs.kinds_of_server import JOB_KINDS
from service.storage import Changed, Conflict

LOG = logging.getLogger("wangge.http")

_WORDS = {
    "missing": Text("缺少必填项", "it is required"),
    "extra_forbidden": Text("不认识的字段", "an unknown key"),
    "json_invalid": Text("不是有效的 JSON", "not valid JSON"),
    "string_too_short": Text("太短", "too short"),
    "string_too_long": Text("太长", "too long"),
    "string_pattern_mismatch": Text("格式不符", "not of the expected form"),
    "string_type": Text("应为文本", "expected text"),
    "int_parsing": Text("应为整数", "expected an integer"),
    "int_type": Text("应为整数", "expected an integer"),
    "int_from_float": Text("应为整数", "expected an integer"),
    "float_type": Text("应为数字", "expected a number"),
    "bool_type": Text("应为 true 或 false", "expected true or false"),
    "list_type": Text("应为列表", "expected a list"),
    "dict_type": Text("应为对象", "expected an object"),
    "model_attributes_type": Text("应为对象", "expected an object"),
    "too_short": Text("太少", "too few"),
    "too_long": Text("太多", "too many"),
    "literal_error": Text("不在可选值之中", "not one of the choices"),
    "union_tag_invalid": Text("不在可选值之中", "not one of the choices"),
    "union_tag_not_found": Text("缺少 kind", "kind is required"),
    "greater_than_equal": Text("太小", "too small"),
    "less_than_equal": Text("太大", "too large"),
    "finite_number": Text("应为有限的数", "expected a finite number"),
}
"""What pydantic's codes mean to a reader."""


def install(app: FastAPI) -> None:
    """Every error leaves as a problem document."""

    @app.exception_handler(ServiceError)
    def told(request: Request, error: ServiceError) -> JSONResponse:
        return problem(request, error)

    @app.exception_handler(RequestValidationError)
    def invalid_request(request: Request, error: RequestValidationError) -> JSONResponse:
        return problem(request, FaultsError(body_faults(error.errors()), "request_invalid"))

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> JSONResponse:
        code = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "media_type"}.get(error.status_code)
        answer = problem(
            request, ServiceError(code or ("internal" if error.status_code >= 500 else "request_malformed"))
        )
        for name, value in (error.headers or {}).items():
            answer.headers[name] = value
        return answer

    @app.exception_handler(InputError)
    @app.exception_handler(OutputError)
    def library(request: Request, error: Exception) -> JSONResponse:
        return problem(request, of_library(error) or ServiceError("internal"))

    @app.exception_handler(Conflict)
    def conflict(request: Request, error: Conflict) -> JSONResponse:
        return problem(request, ServiceError("conflict", _CONFLICTS.get(str(error))))

    @app.exception_handler(Changed)
    def changed(request: Request, _error: Changed) -> JSONResponse:
        return problem(request, ServiceError("draft_changed"))

    @app.exception_handler(KeyError)
    def unknown(request: Request, error: KeyError) -> JSONResponse:
        LOG.exception("an unexpected key", exc_info=error)
        return problem(request, ServiceError("internal"))

    @app.exception_handler(DBAPIError)
    @app.exception_handler(SQLAlchemyError)
    def storage(request: Request, error: Exception) -> JSONResponse:
        LOG.error("storage failed", exc_info=error)
        return problem(request, ServiceError("storage_failed", retry_after_s=5))

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> JSONResponse:
        LOG.error("unexpected error", exc_info=error)
        return problem(request, ServiceError("internal"))


_CONFLICTS = {
    "used": Text("仍被其他方案或草稿使用", "other plans or drafts build on it"),
    "reading": Text("正在读取", "it is being read"),
    "approval": Text("已提交审批，不能删除", "it was submitted, so it stays"),
    "position": Text("没有可撤销或重做的步骤", "there is no such step"),
    "successful": Text("任务已结束", "the job is over"),
    "failed": Text("任务已结束", "the job is over"),
    "dismissed": Text("任务已结束", "the job is over"),
}


def problem(request: Request, error: ServiceError) -> JSONResponse:
    """`error` in the reader's language."""
    language = language_of(request)
    document = problem_document(error, language, request.url.path)
    headers = {"Content-Language": language, "Vary": "Accept-Language", "Cache-Control": "no-store"}
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
    if PROBLEMS[error.code].status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(
        document, status_code=document["status"], headers=headers, media_type="application/problem+json"
    )


def body_faults(errors: Sequence[Any], below: str = "") -> list[Fault]:
    """What is wrong with a request, with pointers into its body."""
    return [_fault(error, below) for error in errors]


def _fault(error: Any, below: str) -> Fault:
    place, *rest = error["loc"] or ("body",)
    if place == "body" and rest and rest[0] in JOB_KINDS:
        del rest[0]  # which of several forms a body was held against is no part of it
    where = "/".join(_escaped(part) for part in rest)
    if below:
        where = "/".join(_escaped(part) for part in error["loc"])
    words = _WORDS.get(error["type"], Text("值不符合要求", str(error.get("msg", "not as expected"))))
    value = error.get("input")
    shown = None if value is None or isinstance(value, dict | list) else shorten(value)
    inside = below or place == "body"
    return Fault(
        rule=str(error["type"]),
        place=Place(pointer=f"{below}/{where}" if where else below) if inside else Place(column=f"{place}: {where}"),
        message=words,
        remedy=Text(f"请改正（{error.get('msg', '')}）", f"mend it ({error.get('msg', '')})"),
        value=shown,
    )


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
