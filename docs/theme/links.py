"""A hook of MkDocs: what a page links to outside docs/ (code, templates, policies) is no page of what is built.

There the link becomes the path to look at, within the repository. One that leads nowhere stops the build.
"""

import re
from functools import partial
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError

OUTSIDE = re.compile(r"\[([^\]]+)\]\((\.\./[^)#\s]+)(?:#[^)\s]*)?\)")
ROOT = Path(__file__).resolve().parents[2]


def on_page_markdown(markdown: str, page: Any, **_others: Any) -> str:
    return OUTSIDE.sub(partial(_as_path, Path(page.file.abs_src_path).parent), markdown)


def _as_path(folder: Path, link: re.Match[str]) -> str:
    """`path` where the words are a part of it, else: words (`path`)."""
    words, target = link[1], (folder / link[2]).resolve()
    if not target.exists():
        raise PluginError(f"{link[0]} leads nowhere")
    path = target.relative_to(ROOT).as_posix()
    return f"`{path}`" if words.strip("`") in path else f"{words} (`{path}`)"
