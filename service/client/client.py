"""Requests, one method each."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, Self

import httpx

from service.client.failures import Refused, Unreachable
from service.client.values import Dataset, Job, OutputFile, Plan, Project, Session

ROOT = "/api/v1"

BUSY = (429, 503)
"""Answers that ask to come back."""

PATIENCE_S = 300.0
"""How long a busy or silent server is asked again."""

LOOK_S = (0.1, 1.0)
"""First and longest pause between looks at a running job."""

READING_S = 30
"""How long an upload waits for its reading in one request."""


class Client:
    """Talks to one server; close it, or use it as a context.

    A busy server is asked again when it says so. What is asked twice because an answer got lost is done once.

    Parameters
    ----------
    url : str
        Such as `http://127.0.0.1:8000`.
    token : str, optional
    language : str
        `zh` or `en`: of messages.
    timeout_s : float
        Of one request.
    patience_s : float
        How long to ask a server that is busy or away.
    transport : httpx.BaseTransport, optional
        How requests travel, where that is not the network.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        language: str = "zh",
        timeout_s: float = 120.0,
        patience_s: float = PATIENCE_S,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        headers = {"Accept-Language": language}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        self.url = url.rstrip("/")
        try:
            self._http = httpx.Client(base_url=self.url, headers=headers, timeout=timeout_s, transport=transport)
        except (httpx.InvalidURL, ValueError) as error:
            raise Unreachable(f"{url}: {error}") from None
        self._patience_s, self._met = patience_s, False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def session(self) -> Session:
        """Whom the service takes us for."""
        return Session.of(self._json("GET", f"{ROOT}/session"))

    def projects(self) -> list[Project]:
        """Those one is a member of."""
        return [Project.of(told) for told in self._listed(f"{ROOT}/projects")]

    def make_project(self, name: str, *, profile: str = "hebei", crs: str | None = None) -> Project:
        """A new one; for the server's admin.

        Parameters
        ----------
        crs : str, optional
            Of files that name no coordinate system themselves, such as ``EPSG:4547``.
        """
        body = {"name": name, "profile": profile, "crs": crs}
        return Project.of(self._json("POST", f"{ROOT}/projects", json=body))

    def upload(
        self, project: str, files: Sequence[Path], *, name: str | None = None, options: Mapping[str, Any] | None = None
    ) -> Dataset:
        """Ledgers and maps, to be read; see `wait_for_dataset`.

        Parameters
        ----------
        options : mapping
            `crs`, `roles`, `columns`, `purpose`.

        Raises
        ------
        Refused
            With the faults of the files; `document["dataset"]` is what they were stored as.
        """
        form = {"options": json.dumps(dict(options or {}), ensure_ascii=False)}
        if name is not None:
            form["name"] = name
        with contextlib.ExitStack() as opened:
            parts = [("files", (path.name, opened.enter_context(path.open("rb")))) for path in files]
            told = self._json(
                "POST",
                f"{ROOT}/projects/{project}/datasets",
                again=False,
                files=parts,
                data=form,
                headers={"Prefer": f"wait={READING_S}"},
            )
        return Dataset.of(told)

    def dataset(self, project: str, dataset: str) -> Dataset:
        """As it is now."""
        return Dataset.of(self._json("GET", f"{ROOT}/projects/{project}/datasets/{dataset}"))

    def wait_for_dataset(self, project: str, dataset: Dataset) -> Dataset:
        """The dataset when it was read."""
        if dataset.state == "reading" and dataset.job is not None:
            self.wait(project, dataset.job)
            return self.dataset(project, dataset.id)
        return dataset

    def faults(self, project: str, dataset: str, *, language: str | None = None) -> list[dict[str, Any]]:
        """Everything that is wrong with a refused dataset."""
        headers = {} if language is None else {"Accept-Language": language}
        return list(self._listed(f"{ROOT}/projects/{project}/datasets/{dataset}/faults", headers=headers))

    def submit(
        self,
        project: str,
        kind: str,
        inputs: Mapping[str, Any],
        *,
        limits: Mapping[str, Any] | None = None,
        name: str = "",
        key: str | None = None,
        language: str | None = None,
    ) -> Job:
        """A job, stored when this returns.

        Parameters
        ----------
        limits : mapping
            `time_limit_s` or `step_limit`; `seed`, `threads`.
        key : str, optional
            Requests of one key make one job; without it every call makes one of its own.
        """
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        if language is not None:
            headers["Accept-Language"] = language
        body = {"kind": kind, "name": name, "inputs": dict(inputs), "limits": dict(limits or {})}
        return Job.of(self._json("POST", f"{ROOT}/projects/{project}/jobs", json=body, headers=headers))

    def job(self, project: str, job: str, *, language: str | None = None) -> Job:
        """As it is now."""
        headers = {} if language is None else {"Accept-Language": language}
        return Job.of(self._json("GET", f"{ROOT}/projects/{project}/jobs/{job}", headers=headers))

    def wait(
        self,
        project: str,
        job: str,
        *,
        on_change: Callable[[Job], None] = lambda _: None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> Job:
        """The job when it is over.

        Parameters
        ----------
        on_change : function
            Told the job whenever something about it changed.
        stopping : function
            Once it says so the job is asked to stop and to keep its best plan.
        """
        pause, seen, asked = LOOK_S[0], -1, False
        while True:
            now = self.job(project, job)
            if now.revision != seen:
                seen = now.revision
                on_change(now)
            if now.over:
                return now
            if not asked and stopping():
                asked = True
                self.stop(project, job)
            time.sleep(pause)
            pause = min(LOOK_S[1], pause * 1.3)

    def stop(self, project: str, job: str) -> None:
        """Its search ends, the best plan is kept; nothing where it was over already."""
        self._unless_over("POST", f"{ROOT}/projects/{project}/jobs/{job}/stop")

    def dismiss(self, project: str, job: str) -> None:
        """It ends at once and nothing is kept; nothing where it was over already."""
        self._unless_over("DELETE", f"{ROOT}/projects/{project}/jobs/{job}")

    def results(self, project: str, job: str) -> dict[str, Any]:
        """What a job found."""
        return self._json("GET", f"{ROOT}/projects/{project}/jobs/{job}/results")

    def plans(self, project: str) -> list[Plan]:
        """Newest first."""
        return [Plan.of(told) for told in self._listed(f"{ROOT}/projects/{project}/plans")]

    def plan(self, project: str, plan: str) -> Plan:
        """One version."""
        return Plan.of(self._json("GET", f"{ROOT}/projects/{project}/plans/{plan}"))

    def files(self, project: str, plan: str) -> list[OutputFile]:
        """Every output file of a plan."""
        told = self._answer("GET", f"{ROOT}/projects/{project}/plans/{plan}/files").json()
        return [OutputFile.of(file) for file in told]

    def download(self, file: OutputFile, folder: Path) -> Path:
        """A file, whole or not at all.

        Raises
        ------
        Unreachable
            What arrived is not the file that was announced.
        OSError
            It cannot be written.
        """
        if file.name != PurePath(file.name).name or file.name in ("", ".", ".."):
            raise Unreachable(f"a file name that leads elsewhere: {file.name!r}")
        part = folder / f".{file.name}.part"
        try:
            digest = hashlib.sha256()
            with part.open("wb") as stream:
                for piece in self._pieces(file.href):
                    digest.update(piece)
                    stream.write(piece)
            if digest.hexdigest() != file.sha256:
                raise Unreachable(f"{file.name} arrived damaged")
            os.replace(part, folder / file.name)
        finally:
            part.unlink(missing_ok=True)
        return folder / file.name

    def _pieces(self, path: str) -> Iterator[bytes]:
        try:
            with self._http.stream("GET", path) as reply:
                if reply.status_code != 200:
                    reply.read()
                    raise _refused(reply)
                yield from reply.iter_bytes()
        except httpx.HTTPError as error:
            raise Unreachable(f"{self.url}: {error or type(error).__name__}") from None

    def _listed(self, path: str, **options: Any) -> Iterator[dict[str, Any]]:
        cursor: str | None = None
        while True:
            params = {"limit": "1000"} | ({} if cursor is None else {"cursor": cursor})
            page = self._json("GET", path, params=params, **options)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def _unless_over(self, method: str, path: str) -> None:
        try:
            self._answer(method, path)
        except Refused as refused:
            if refused.status != 409:
                raise

    def _json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        told = self._answer(method, path, **options).json()
        if not isinstance(told, dict):
            raise Unreachable(f"{self.url}: no answer of this service")
        return told

    def _answer(self, method: str, path: str, *, again: bool = True, **options: Any) -> httpx.Response:
        """The answer, asked for until the server has time for it.

        Parameters
        ----------
        again : bool
            Whether the request may be repeated: its body can be sent twice, and doing it twice does it once.
        """
        until = time.monotonic() + self._patience_s
        while True:
            try:
                reply = self._http.request(method, path, **options)
            except httpx.HTTPError as error:
                # A server that was there may be starting again; one that never was will not come.
                if not again or not self._met or time.monotonic() > until:
                    raise Unreachable(f"{self.url}: {error or type(error).__name__}") from None
                time.sleep(LOOK_S[1])
                continue
            self._met = True
            if reply.is_success and "json" in reply.headers.get("content-type", "json"):
                return reply
            if not again or reply.status_code not in BUSY or time.monotonic() > until:
                raise _refused(reply)
            time.sleep(min(_retry_after_s(reply), max(0.0, until - time.monotonic())))


def _refused(reply: httpx.Response) -> Refused | Unreachable:
    if reply.headers.get("content-type", "").startswith("application/problem+json"):
        return Refused(reply.json())
    return Unreachable(f"{reply.request.url}: {reply.status_code}, no answer of this service")


def _retry_after_s(reply: httpx.Response) -> float:
    told = reply.headers.get("retry-after", "")
    return float(told) if told.isdigit() else LOOK_S[1]
