"""`wangge serve`: look at a planned folder in the browser."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Annotated

import typer

from partitioner.cli.options import Lang
from partitioner.cli.speaking import telling_faults, voice
from partitioner.errors import Fault, InputError, Text

LOOPBACK = ("127.0.0.1", "localhost")


def serve(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="规划结果目录 · folder that plan wrote", show_default=False)
    ],
    port: Annotated[int, typer.Option(min=0, max=65535, help="端口；0 为任一空闲端口 · 0: any free one")] = 8000,
    host: Annotated[str, typer.Option(help="只能是本机 · this machine only")] = "127.0.0.1",
    lang: Lang = None,
) -> None:
    """在浏览器中查看方案（仅本机）· Look at a plan in the browser, on this machine only."""
    speaker = voice(lang)
    with telling_faults(speaker):
        _check_host(host)
        # Only this command needs the web libraries; the others start without loading them.
        import uvicorn

        from service.folder.app import create_app

        app = create_app(folder)
        listener = _listen(port)
    with listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        speaker.say(f"{address}  （Ctrl-C 停止）", f"{address}  (Ctrl-C stops)")
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            return


def _check_host(host: str) -> None:
    if host not in LOOPBACK:
        raise InputError(
            [
                Fault(
                    rule="host_not_loopback",
                    value=host,
                    message=Text(
                        "本版本没有登录，只在本机 127.0.0.1 上开放，否则网络上任何人都能看到方案",
                        "there is no log-in yet, so plans stay on 127.0.0.1; beyond it anyone could read them",
                    ),
                    remedy=Text(
                        "请去掉 --host；远程查看可用 ssh -L 8000:127.0.0.1:8000 转发",
                        "leave out --host; to look from afar, forward the port with ssh -L 8000:127.0.0.1:8000",
                    ),
                )
            ]
        )


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen()
    except OSError as error:
        listener.close()
        fault = Fault(
            rule="port_taken",
            value=str(port),
            message=Text(
                f"无法打开该端口（{error.strerror or error}）", f"the port cannot be opened ({error.strerror or error})"
            ),
            remedy=Text("请用 --port 换一个端口", "give another one with --port"),
        )
        raise InputError([fault]) from None
    return listener
