"""In which language a printed map speaks. (Names of places stay as the ledger has them.)"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Language = Literal["zh", "en"]

Say = Callable[[str, str], str]
"""The one of two sentences, Chinese and English, that is in the language of the map."""


def speaking(language: Language) -> Say:
    """Which of two sentences is said in `language`."""
    return lambda zh, en: zh if language == "zh" else en
