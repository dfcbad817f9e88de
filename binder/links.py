"""Launch links in README.md and in every lecture: ``python binder/links.py``, after a change of the address.

The address stands in one place, ``Repository`` under ``[project.urls]`` of pyproject.toml; ``Browser``, beside it, is
that of a JupyterLite site, if there is one. Without an address the links are taken away: they would lead nowhere.
"""

import json
import tomllib
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = "environment"  # the branch of Binder's image, which binder/README.md moves; lectures are pulled into it
MARK = "<!-- launch links, by binder/links.py -->"
COLAB = '''\
# Google Colab has no adcourse: this installs it there. Elsewhere it does nothing.
if "google.colab" in str(get_ipython()):
    %pip install --quiet "git+{address}"'''


def addresses() -> dict[str, str]:
    """``Repository`` and ``Browser``, as far as there are such."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    urls = project.get("urls", {})
    return {name: urls[name].rstrip("/").removesuffix(".git") for name in ("Repository", "Browser") if name in urls}


def links(urls: dict[str, str], path: str) -> dict[str, str]:
    """Where ``path``, a file of the repository, can be opened: the address by the name of the place."""
    if "Repository" not in urls:
        return {}
    parts = urlsplit(urls["Repository"])
    where = parts.path.strip("/")
    found, file = {}, quote(path)
    provider = {"github.com": f"gh/{where}", "gitlab.com": f"gl/{quote(where, safe='')}"}
    project = provider.get(parts.netloc, f"git/{quote(urls['Repository'], safe='')}")
    pull = "git-pull?" + urlencode({"repo": urls["Repository"], "targetPath": ".", "urlpath": f"lab/tree/{file}"})
    found["Binder"] = f"https://mybinder.org/v2/{project}/{ENVIRONMENT}?urlpath={quote(pull, safe='')}"
    if parts.netloc == "github.com":
        found["Colab"] = f"https://colab.research.google.com/github/{where}/blob/HEAD/{file}"
    if "Browser" in urls:
        found["your browser alone"] = f"{urls['Browser']}/lab/index.html?path={file}"
    return found


def sentence(urls: dict[str, str], path: str) -> str:
    """The links as Markdown, or nothing."""
    shown = " · ".join(f"[{place}]({address})" for place, address in links(urls, path).items())
    return f"Without installing anything, open it in {shown}." if shown else ""


def lecture(text: str, urls: dict[str, str], path: str) -> str:
    """A notebook's text with the two cells after its title, or without them."""
    book = json.loads(text)
    cells = [cell for cell in book["cells"] if cell["id"] not in ("launch", "colab")]
    found = links(urls, path)
    if found:
        made = {"cell_type": "markdown", "id": "launch", "metadata": {}, "source": [sentence(urls, path)]}
        cells.insert(1, made)
    if "Colab" in found:
        source = COLAB.format(address=urls["Repository"]).splitlines(keepends=True)
        made = {"cell_type": "code", "execution_count": None, "id": "colab", "metadata": {}, "outputs": []}
        cells.insert(2, {**made, "source": source})
    return json.dumps({**book, "cells": cells}, indent=1, ensure_ascii=False) + "\n"


def readme(text: str, urls: dict[str, str]) -> str:
    """README.md with the line of links after its mark, or with the mark alone."""
    before, rest = text.split(MARK)
    _, rest = rest.split("\n\n", 1)
    line = sentence(urls, "lectures/00_start_here.ipynb").replace("open it", "open the course")
    return f"{before}{MARK}" + f"\n{line}" * bool(line) + f"\n\n{rest}"


def written(urls: dict[str, str]) -> dict[Path, str]:
    """Every file that has links, as it should be."""
    texts = {ROOT / "README.md": readme((ROOT / "README.md").read_text(encoding="utf-8"), urls)}
    for path in sorted((ROOT / "lectures").glob("*.ipynb")):
        texts[path] = lecture(path.read_text(encoding="utf-8"), urls, path.relative_to(ROOT).as_posix())
    return texts


if __name__ == "__main__":
    for path, text in written(addresses()).items():
        path.write_text(text, encoding="utf-8")
