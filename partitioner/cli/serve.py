"""`wangge serve`: the planning service in the browser, on request with a planned folder opened in it."""

from __future__ import annotations

import os
import socket
import threading
import webbrowser
from pathlib import Path
from typing import Annotated, Any

import typer

from partitioner.cli.options import Lang
from partitioner.cli.speaking import Voice, telling_faults, voice
from partitioner.errors import Fault, InputError, Text
from partitioner.io.reading.planned_folder import read_planned
from partitioner.io.writing import PlannedLevels

LOOPBACK = ("127.0.0.1", "localhost", "::1")

DRAIN_S = 30
"""Seconds that open answers get when the server is asked to stop."""


def serve(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[DIR]", help="打开一个规划结果目录 · open a folder that plan wrote", show_default=False
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="端口；0 为任一空闲端口 · 0: any free one")] = 8000,
    host: Annotated[
        str, typer.Option(help="监听地址；本机以外须先有令牌 · beyond this machine tokens are needed")
    ] = "127.0.0.1",
    data: Annotated[
        Path, typer.Option(envvar="WANGGE_DATA_DIR", help="数据目录 · folder of everything that is kept")
    ] = Path("wangge-data"),
    database: Annotated[
        str | None,
        typer.Option(envvar="WANGGE_DATABASE", help="SQLAlchemy URL，默认为数据目录中的 SQLite · default: SQLite"),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="NAME", help="对外的主机名 · names under which others reach it"),
    ] = None,
    require_tokens: Annotated[
        bool, typer.Option("--require-tokens", help="一律须登录 · ask for a token even before there is one")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=64, help="同时求解的任务数 · jobs that solve side by side")
    ] = None,
    memory_gb: Annotated[float, typer.Option(min=0.5, help="每个任务的内存上限（GB）· memory of one job, GB")] = 8.0,
    losses: Annotated[
        int, typer.Option(min=1, max=1000, help="中断几次后放弃一个任务 · interruptions after which a job is given up")
    ] = 3,
    base_map: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="底图（XYZ、WMTS、天地图），#后为版权；默认不用 · base map as XYZ or WMTS, # credit; none by default",
        ),
    ] = None,
    browser: Annotated[
        bool, typer.Option("--open", help="打开本机浏览器 · show the page in this machine's browser")
    ] = False,
    lang: Lang = None,
) -> None:
    """在浏览器中规划；带 DIR 时打开该方案 · Plan in the browser; with DIR that plan is opened there."""
    speaker = voice(lang)
    with telling_faults(speaker):
        planned = None if folder is None else read_planned(folder)
        app = _service_app(
            data=data,
            database=database,
            host=host,
            hosts=tuple(allow_host or ()),
            require_tokens=require_tokens,
            jobs=jobs,
            memory_gb=memory_gb,
            losses=losses,
            base_map=base_map,
        )
        start = "" if folder is None or planned is None else _opened(app, folder, planned)
        listener = _listen(host, port)
    with listener:
        _run(speaker, app, listener, start, browser=browser)


def _service_app(
    *,
    data: Path,
    database: str | None,
    host: str,
    hosts: tuple[str, ...],
    require_tokens: bool,
    jobs: int | None,
    memory_gb: float,
    losses: int,
    base_map: str | None,
) -> Any:
    from service.app import create_app
    from service.logs import set_up
    from service.settings import Limits, Settings, default_running_jobs

    beyond = host not in LOOPBACK
    limits = Limits(running_jobs=jobs or default_running_jobs(), job_bytes=int(memory_gb * 2**30), losses=losses)
    settings = Settings(
        data=data,
        database=database,
        hosts=(*hosts, *((host,) if beyond and host not in ("0.0.0.0", "::") else ())),
        require_tokens=require_tokens or beyond,
        base_map=base_map,
        limits=limits,
    )
    app = create_app(settings)
    if beyond and not app.state.services.store.has_tokens():
        raise InputError([_no_tokens(host)])
    set_up()
    return app


def _opened(app: Any, folder: Path, planned: PlannedLevels) -> str:
    """Take the plan in; the part of the address that shows it."""
    from service.taking_in import take_in

    services = app.state.services
    return f"/#/{take_in(folder, planned, services.store, services.blobs)}/map"


def _run(speaker: Voice, app: Any, listener: socket.socket, start: str, *, browser: bool) -> None:
    import uvicorn

    bound, port = listener.getsockname()[:2]
    shown = f"[{bound}]" if ":" in bound else bound
    address = f"http://{shown}:{port}{start}"
    speaker.say(f"{address}  （Ctrl-C 停止）", f"{address}  (Ctrl-C stops)")
    if browser:  # the listener already listens: the page waits for its answer
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=DRAIN_S,
    )
    try:
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        return


def _no_tokens(host: str) -> Fault:
    return Fault(
        rule="tokens_missing",
        value=host,
        message=Text(
            "在本机以外开放须先有访问令牌，否则网络上任何人都能使用",
            "beyond this machine tokens are needed, otherwise anyone could use it",
        ),
        remedy=Text(
            "请先运行 wangge admin token add 姓名 --server-admin",
            "run wangge admin token add NAME --server-admin first",
        ),
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named, so that asyncio switches off Nagle's delays, which cost 40 ms an answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        fault = Fault(
            rule="port_taken",
            value=f"{host}:{port}",
            message=Text(
                f"无法打开该端口（{error.strerror or error}）", f"the port cannot be opened ({error.strerror or error})"
            ),
            remedy=Text("请用 --port 换一个端口", "give another one with --port"),
        )
        raise InputError([fault]) from None
    return listener
