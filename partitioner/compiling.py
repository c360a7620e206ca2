"""`kernel` and `part`: compile functions with numba, and keep the results on disk under names that tell what went in.

numba's own cache knows a function by its file alone: it does not notice that a function which is called from there
was edited in another file, and several processes that compile at once may leave an index that points to the wrong
code. Here the name of an entry is a hash of the byte code and constants of the function and of everything it calls, of
the types it is compiled for, of the processor and of the versions. A stale entry has another name, so it can never be
read; entries that nobody has read for a while are deleted by `tidy`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import numba
import numpy as np
from numba.core import compiler, serialize
from numba.core.caching import NullCache
from numba.misc import appdirs

SUFFIX = ".kernel"

UNUSED_DAYS = 14
"""Entries that were not read for so long are deleted."""

DAY_S = 86_400.0

# numba has no types for these.
_settings: Any = numba.config
_rebuilt: Any = compiler.CompileResult._rebuild
_dumped: Any = serialize.dumps
_user_folders: Any = appdirs.AppDirs

READ_ERRORS = (OSError, EOFError, pickle.UnpicklingError)


def kernel(function: Callable[..., Any]) -> Any:
    """Compile `function`, a module's own function without options, on first use; it releases the interpreter lock."""
    return _kept(numba.njit(nogil=True)(function))


def part(function: Callable[..., Any]) -> Any:
    """As `kernel`, but compiled into every kernel that calls it: a call would copy all arrays that it is given."""
    return _kept(numba.njit(nogil=True, forceinline=True)(function))


def _kept(compiled: Any) -> Any:
    if hasattr(compiled, "_cache"):  # not where numba is told to compile nothing
        compiled._cache = KernelCache(compiled)
    return compiled


def folders() -> tuple[Path, ...]:
    """Where entries may lie: the first that can be written is; all are read."""
    if _settings.CACHE_DIR:
        return (Path(_settings.CACHE_DIR) / "wangge",)
    beside = Path(__file__).parent / "__pycache__" / "kernels"
    return beside, Path(_user_folders(appname="wangge", appauthor=False).user_cache_dir) / "kernels"


def tidy(now: float | None = None) -> None:
    """Delete entries that nobody has read for `UNUSED_DAYS`.

    Parameters
    ----------
    now : float, optional
        Seconds since 1970.
    """
    oldest = (time.time() if now is None else now) - UNUSED_DAYS * DAY_S
    for folder in folders():
        for path in folder.glob(f"*{SUFFIX}*"):
            with contextlib.suppress(OSError):  # another process was faster, or it is not ours to delete
                if path.stat().st_mtime < oldest:
                    path.unlink()


class KernelCache(NullCache):
    """What numba asks for compiled code before it compiles, and hands it to afterwards."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled
        self._digest: str | None = None

    @property
    def cache_path(self) -> str:
        """Where new entries go, as numba's statistics show it."""
        return str(folders()[0])

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The code for these types, or None."""
        target_context.refresh()
        name = self._name(sig, target_context)
        for folder in folders():
            path = folder / name
            try:
                payload = pickle.loads(path.read_bytes())
            except READ_ERRORS:
                continue
            _mark_read(path)
            return _rebuilt(target_context, *payload)
        return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep the code; silently not where no folder can be written."""
        name = self._name(sig, data.target_context)
        payload = _dumped(data._reduce())
        for folder in folders():
            with contextlib.suppress(OSError):
                _write(folder / name, payload)
                return

    def _name(self, sig: Any, target_context: Any) -> str:
        self._digest = self._digest or digest_of(self._compiled)
        versions = (numba.__version__, version("llvmlite"), sys.implementation.cache_tag, np.__version__)
        key = (self._digest, sig, target_context.codegen().magic_tuple(), versions)
        return f"{self._compiled.__name__}-{hashlib.sha256(repr(key).encode()).hexdigest()[:32]}{SUFFIX}"


def _write(path: Path, payload: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(payload)
        os.chmod(temporary, 0o644)  # whoever prepares a machine may not be who works on it
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _mark_read(path: Path) -> None:
    with contextlib.suppress(OSError):
        if path.stat().st_mtime < time.time() - DAY_S:
            os.utime(path)


# --- what a kernel is made of -----------------------------------------------------------------------------------------


def digest_of(compiled: Any) -> str:
    """A hash of all that decides what `compiled` does: its own code and that of every kernel it may call.

    To be asked when all modules are loaded: a function may call others that are defined below it.
    """
    met: dict[int, Any] = {}
    waiting = [compiled]
    while waiting:
        one = waiting.pop()
        if id(one) not in met:
            met[id(one)] = one
            waiting += [value for _, value in _globals_of(one.py_func) if _is_kernel(value)]
    # Which function calls which is told by their names: two functions of one name must differ by their module.
    return hashlib.sha256("\n".join(sorted(_own_text(one) for one in met.values())).encode()).hexdigest()


def _own_text(compiled: Any) -> str:
    function = compiled.py_func
    used = [f"{name}={_text(value)}" for name, value in _globals_of(function)]
    return f"{function.__module__}.{function.__qualname__} {_code_text(function.__code__)} {used} {_inlined(compiled)}"


def _inlined(compiled: Any) -> bool:
    return bool(compiled.targetoptions.get("forceinline"))


def _globals_of(function: Any) -> Iterator[tuple[str, Any]]:
    """Global names in the code and what they stand for, among them some that are only attributes there."""
    return ((name, function.__globals__[name]) for name in function.__code__.co_names if name in function.__globals__)


def _is_kernel(value: Any) -> bool:
    return hasattr(value, "py_func") and hasattr(value, "_cache")


def _code_text(code: CodeType) -> str:
    constants = [_text(value) for value in code.co_consts]
    names = (code.co_names, code.co_varnames, code.co_argcount, code.co_freevars, code.co_exceptiontable)
    return f"{code.co_code.hex()} {constants} {names}"


def _text(value: Any) -> str:
    """A text that differs where what a compiler makes of `value` may differ."""
    if _is_kernel(value):
        return f"{value.py_func.__module__}.{value.py_func.__qualname__}"
    if isinstance(value, CodeType):
        return _code_text(value)
    if isinstance(value, ModuleType):
        return value.__name__
    if isinstance(value, np.ndarray):
        return f"{value.dtype.str}{value.shape}{hashlib.sha256(value.tobytes()).hexdigest()}"
    if isinstance(value, type) and hasattr(value, "_fields"):
        return f"{value.__module__}.{value.__qualname__}{value._fields}"
    if isinstance(value, tuple):
        return f"({','.join(_text(one) for one in value)})"
    if isinstance(value, frozenset):
        return f"frozenset({sorted(_text(one) for one in value)})"
    if isinstance(value, type) or hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    if value is None or value is Ellipsis or isinstance(value, bool | int | float | complex | str | bytes | np.generic):
        return f"{type(value).__name__}:{value!r}"
    raise TypeError(f"cannot tell what compiled code makes of {value!r}")
