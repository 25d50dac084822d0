"""The documentation as a site: ``python -m docs.build_site``, or ``make docs``.

The site has the folders of the repository, so a link that works in the repository works in the
site, and none is rewritten. The pages are gathered in ``build/pages``, with the files that they
link to and the API reference; Zensical builds ``site/`` from them; then every link of the site is
followed.
"""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[1]
STAGE = Path("build") / "pages"
"""Where the pages are gathered; ``docs_dir`` in ``zensical.toml``."""
SITE = Path("site")
API = Path("docs") / "api.md"
"""The one page that is written here and not by hand."""

PAGES = (
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md"),
    *("docs/*.md", "benchmarks/*.md", "training/*.md"),
    *("envs/**/*.md", "agents/**/*.md"),
)

CODE = re.compile(r"^(```|~~~).*?^\1|(`+)[^`].*?\2", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)


class SiteError(Exception):
    """What is wrong with the pages or with the site, one line each."""


def pages(root: Path) -> list[Path]:
    """The Markdown files that become pages, relative to the repository."""
    return sorted({path.relative_to(root) for each in PAGES for path in root.glob(each)})


def links(text: str) -> list[str]:
    """Where a Markdown text links to; what stands in code is no link."""
    return [inline or defined for inline, defined in LINK.findall(CODE.sub("", text))]


def targets(root: Path, page: Path) -> Iterator[Path]:
    """The files of the repository that a page links to (`SiteError` where there is none)."""
    for link in links((root / page).read_text(encoding="utf-8")):
        parts = urlsplit(link)
        if parts.scheme or not parts.path:
            continue
        target = (root / page.parent / unquote(parts.path)).resolve()
        if not target.is_file() or not target.is_relative_to(root.resolve()):
            raise SiteError(f"{page}: {link} is no file of the repository")
        yield target.relative_to(root.resolve())


def exported() -> list[str]:
    """The public names, those of ``lmrs_rl.__all__``."""
    names = getattr(importlib.import_module("lmrs_rl"), "__all__", ())
    return [name for name in names if not name.startswith("__")]


def api_page(names: Sequence[str], root: Path = ROOT) -> str:
    """The API reference: a section for each public name, or for each package while none is."""
    if names:
        head = "All that is public is imported from `lmrs_rl`; every other name may change."
        sections = [f"::: lmrs_rl.{name}" for name in names]
    else:
        head = "`lmrs_rl` exports no names of its own yet. Its packages are these."
        packages = sorted(path.parent.name for path in root.glob("lmrs_rl/*/__init__.py"))
        alone = "    options:\n      members: false"
        sections = [f"## {name}\n\n::: lmrs_rl.{name}\n{alone}" for name in packages]
    return "\n\n".join(["# API reference", head, *sections]) + "\n"


def gather(root: Path, stage: Path) -> int:
    """Copy the pages and what they link to, write the API reference, and count the pages."""
    shutil.rmtree(stage, ignore_errors=True)
    found = pages(root)
    for path in sorted({*found, *(file for page in found for file in targets(root, page))} - {API}):
        (stage / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / path, stage / path)
    (stage / API).write_text(api_page(exported(), root), encoding="utf-8")
    return len(found) + 1


class Html(HTMLParser):
    """What an HTML file links to, what it loads, and what in it can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors = {""}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note down one tag."""
        given = {name: value for name, value in attrs if value is not None}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "link" and "href" in given and given.get("rel") != "canonical":
            self.loads.append(given["href"])
        elif tag in ("script", "img", "iframe", "source") and "src" in given:
            self.loads.append(given["src"])


def broken(site: Path) -> list[str]:
    """Links that lead nowhere, and what would be loaded from another server."""
    found = sorted(site.rglob("*.html"))
    files = {path.resolve(): Html(path.read_text(encoding="utf-8")) for path in found}
    faults = []
    for path, html in files.items():
        name = path.relative_to(site.resolve())
        faults += [f"{name}: loads {url}" for url in html.loads if urlsplit(url).netloc]
        for link in (*html.links, *html.loads):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            # The page for an unknown address does not know how deep it stands: its links start
            # at the site's root.
            base = site if parts.path.startswith("/") else path.parent
            target = (base / unquote(parts.path).lstrip("/")).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            anchor = unquote(parts.fragment)
            if not target.is_file():
                faults.append(f"{name}: {link} is no file of the site")
            elif target in files and anchor not in files[target].anchors:
                faults.append(f"{name}: {link} names no heading")
    return faults


def build(root: Path) -> None:
    """Build the site of a checkout and follow its links (`SiteError`)."""
    count = gather(root, root / STAGE)
    shutil.rmtree(root / SITE, ignore_errors=True)
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict"]
    done = subprocess.run(
        command,
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(done.stdout, end="")
    # Zensical is strict with links, not with what it is told about docstrings.
    if done.returncode or re.search(r"^griffe: ", done.stdout, re.MULTILINE):
        raise SiteError("the site was not built without a warning; the messages above say why")
    if faults := broken(root / SITE):
        raise SiteError("\n".join(faults))
    print(f"{count} pages in {SITE}/, every link leads somewhere")


if __name__ == "__main__":
    try:
        build(ROOT)
    except SiteError as error:
        sys.exit(str(error))
