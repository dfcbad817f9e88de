"""The pages of docs/ as their readers use them: what they type, and what they see."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in a language."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def commands(page: str) -> list[str]:
    """Every line that a page has its reader type into a shell."""
    return "".join(blocks(page, "bash")).splitlines()
