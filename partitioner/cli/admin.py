"""`wangge admin`: tokens, members, backup and restore of the service's data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from partitioner.cli.options import Lang
from partitioner.cli.speaking import telling_faults, voice

app = typer.Typer(help="服务的令牌、成员与备份 · Tokens, members and backups of the service", no_args_is_help=True)
token = typer.Typer(help="访问令牌 · Tokens", no_args_is_help=True)
app.add_typer(token, name="token")

Data = Annotated[Path, typer.Option(envvar="WANGGE_DATA_DIR", help="数据目录 · folder of the service's data")]
Database = Annotated[str | None, typer.Option(envvar="WANGGE_DATABASE", help="数据库 URL · SQLAlchemy URL")]
DATA = Path("wangge-data")


@token.command("add")
def add(
    name: Annotated[str, typer.Argument(help="姓名或用途 · whose it is", show_default=False)],
    project: Annotated[str | None, typer.Option(help="项目编号 · id of a project")] = None,
    role: Annotated[str, typer.Option(help="viewer、planner、reviewer、admin")] = "viewer",
    server_admin: Annotated[bool, typer.Option("--server-admin", help="管理整个服务 · admin of the server")] = False,
    days: Annotated[int | None, typer.Option(min=1, help="有效天数，默认不限 · days until it expires")] = None,
    data: Data = DATA,
    database: Database = None,
    lang: Lang = None,
) -> None:
    """建立令牌；只显示一次 · Make a token; it is shown once."""
    speaker = voice(lang)
    with telling_faults(speaker):
        from service.administration import added_token

        text = added_token(data, database, name, project=project, role=role, server_admin=server_admin, days=days)
    speaker.say("请妥善保存，不会再次显示：", "keep it; it is not shown again:")
    typer.echo(text)


@token.command("list")
def listed(data: Data = DATA, database: Database = None, lang: Lang = None) -> None:
    """列出令牌 · List the tokens."""
    with telling_faults(voice(lang)):
        from service.administration import listed_tokens

        for line in listed_tokens(data, database):
            typer.echo(line)


@token.command("revoke")
def revoke(
    token_id: Annotated[str, typer.Argument(help="令牌编号 · id of the token", show_default=False)],
    data: Data = DATA,
    database: Database = None,
    lang: Lang = None,
) -> None:
    """作废令牌 · Revoke a token."""
    with telling_faults(voice(lang)):
        from service.administration import revoked_token

        revoked_token(data, database, token_id)


@app.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(help="要写的 .tar 文件 · the .tar file to write", show_default=False)],
    data: Data = DATA,
    database: Database = None,
    lang: Lang = None,
) -> None:
    """备份（服务可以在运行） · Back everything up; the server may run."""
    speaker = voice(lang)
    with telling_faults(speaker):
        from service.storage.backup import back_up

        rows, files = back_up(data, database, file)
    speaker.say(f"已备份 {rows} 行、{files} 个文件", f"{rows} rows and {files} files are backed up")


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="备份文件 · the backup", show_default=False)],
    data: Data = DATA,
    database: Database = None,
    lang: Lang = None,
) -> None:
    """恢复到空的数据目录与数据库 · Restore into an empty folder and database, of either kind."""
    speaker = voice(lang)
    with telling_faults(speaker):
        from service.storage.backup import restore as restored

        rows, files = restored(data, database, file)
    speaker.say(f"已恢复 {rows} 行、{files} 个文件", f"{rows} rows and {files} files are restored")


@app.command("check")
def check(data: Data = DATA, database: Database = None, lang: Lang = None) -> None:
    """核对所有文件；有损坏则退出码 1 · Check every file against its hash; 1 if one is damaged."""
    speaker = voice(lang)
    with telling_faults(speaker):
        from service.administration import damaged_files

        found, num = damaged_files(data, database)
    for line in found:
        typer.echo(line)
    speaker.say(f"{num} 个文件，{len(found)} 个损坏", f"{num} files, {len(found)} damaged")
    raise typer.Exit(1 if found else 0)
