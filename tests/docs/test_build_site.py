"""The site has every page, and a link that leads nowhere stops it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from docs.build_site import (
    API,
    ROOT,
    STAGE,
    SiteError,
    api_page,
    broken,
    exported,
    links,
    pages,
    targets,
)

CONFIG = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]


def named(entries: list[dict[str, object]]) -> list[str]:
    """The pages that a navigation names, in their order."""
    found: list[str] = []
    for entry in entries:
        for value in entry.values():
            found += named(value) if isinstance(value, list) else [str(value)]
    return found


def written(folder: Path, **files: str) -> Path:
    """A folder with HTML files."""
    for name, text in files.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return folder


def test_the_navigation_names_every_document_once_and_none_that_is_not_there() -> None:
    told = named(CONFIG["nav"])
    found = {str(page) for page in (*pages(ROOT), API)}
    assert [page for page in told if page not in found] == []
    assert len(told) == len(set(told))
    documents = {name for name in found if name.startswith("docs/") or "/" not in name}
    assert documents - set(told) == set()


def test_the_pages_lie_where_the_site_is_built_from() -> None:
    assert Path(CONFIG["docs_dir"]) == STAGE


def test_every_link_of_every_page_leads_to_a_file() -> None:
    count = sum(1 for page in pages(ROOT) for _ in targets(ROOT, page))
    assert count > 50


@pytest.mark.parametrize("link", ["nothing.md", "../outside.md", "docs"])
def test_a_link_to_no_file_of_the_repository_is_named(tmp_path: Path, link: str) -> None:
    (tmp_path / "outside.md").touch()
    root = tmp_path / "repository"
    (root / "docs").mkdir(parents=True)
    (root / "page.md").write_text(f"See [this]({link}#there).\n", encoding="utf-8")
    with pytest.raises(SiteError, match=rf"page\.md: {link}#there"):
        list(targets(root, Path("page.md")))


def test_links_are_found_in_text_and_not_in_code() -> None:
    text = 'A [b](c.md) and [d](<e.md> "f"), `[g](h.md)`.\n\n```\n[i](j.md)\n```\n\n[k]: l.md\n'
    assert links(text) == ["c.md", "e.md", "l.md"]


def test_the_reference_has_a_section_for_each_public_name() -> None:
    page = api_page(["plan", "simulate"])
    assert page.count("\n::: ") == 2
    assert "\n::: lmrs_rl.simulate\n" in page


def test_the_reference_shows_the_packages_while_no_name_is_public() -> None:
    assert "\n::: lmrs_rl.routing\n" in api_page([])


def test_the_packages_version_is_no_public_name() -> None:
    assert [name for name in exported() if name.startswith("_")] == []


def test_links_of_the_site_are_followed_to_their_headings(tmp_path: Path) -> None:
    first = '<h1 id="x"></h1><a href="b.html#y"></a><a href="#x"></a>'
    site = written(tmp_path, a=first, b='<p id="y">')
    assert broken(site) == []
    written(tmp_path, b="<p>")
    assert broken(site) == ["a.html: b.html#y names no heading"]
    (tmp_path / "b.html").unlink()
    assert broken(site) == ["a.html: b.html#y is no file of the site"]


def test_a_page_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    text = '<script src="https://example.org/a.js"></script><a href="https://example.org"></a>'
    assert broken(written(tmp_path, a=text)) == ["a.html: loads https://example.org/a.js"]
