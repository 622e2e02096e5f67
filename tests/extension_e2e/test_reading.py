"""What a person reads and can operate in the popup and the options: names, contrast, order of focus, German."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from noiselens_core.cli import SAMPLES

from .conftest import ROOT, App, Browser
from .site import Site

pytestmark = pytest.mark.browser

AXE = ROOT / "extension/node_modules/axe-core/axe.min.js"
PNG = (SAMPLES / "clock_motion.png").read_bytes()
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}
# What stands on the page at another time: what is hidden now, and every line of state with words in it.
SHOW_ALL = """() => {{
    for (const hidden of document.querySelectorAll("[hidden]")) hidden.hidden = false;
    for (const line of document.querySelectorAll(".state, #code, #page-state, #site-label")) {{
        line.textContent ||= "Words";
        line.dataset.state = "{}";
    }}
}}"""
NAMED = "button:visible, input:visible, a[href]:visible"


@pytest.fixture(scope="module", params=["en", "de"])
def reader(
    request: pytest.FixtureRequest,
    launch: Callable[..., Browser],
    shipped_extension: Path,
    running_app: App,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, Browser]]:
    """A paired browser in a language, with one image judged, one refused by the app and one that needs a right.

    The browsers of most machines speak English alone, so the other language is made the extension's only one.
    """
    language, extension = request.param, tmp_path_factory.mktemp("extension") / "noiselens"
    shutil.copytree(shipped_extension, extension)
    manifest = json.loads((extension / "manifest.json").read_text("utf-8"))
    (extension / "manifest.json").write_text(json.dumps(manifest | {"default_locale": language}), "utf-8")
    for other in (extension / "_locales").iterdir():
        if other.name != language:
            shutil.rmtree(other)
    browser = launch(tmp_path_factory.mktemp("profile"), extension=extension)
    browser.pair(running_app.pairing)
    site = Site()
    try:
        names = {"judged.png": PNG, "damaged.png": PNG[: len(PNG) // 2]}
        sources = [site.put(f"/{name}", content, "image/png") for name, content in names.items()]
        sources.append(site.put("/foreign.png", PNG, "image/png").replace("127.0.0.1", "public.example"))
        page = browser.open(site.put_page("/", "".join(f'<img src="{src}" width=200 height=200>' for src in sources)))
        for src in sources:
            browser.right_click(page, src)
        popup = browser.extension_page("popup/popup.html")
        popup.locator(".jobs > li[data-tone=failure]").nth(1).wait_for(timeout=90_000)
        popup.locator(".jobs > li .percent").wait_for(timeout=90_000)
        popup.close()
        yield language, browser
    finally:
        site.close()
        browser.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["popup/popup.html", "options/options.html"])
def test_every_control_has_a_name_and_every_text_its_contrast(
    reader: tuple[str, Browser], path: str, scheme: str, tmp_path: Path
) -> None:
    """axe-core in the real page: names, roles, contrast of 4.5 and the rest of WCAG 2.2 AA that a machine can see."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: tools/check_extension.sh installs it")
    _, browser = reader
    page = opened(browser, path, scheme)
    page.evaluate(AXE.read_text("utf-8"))
    for show in ("null", SHOW_ALL.format("good"), SHOW_ALL.format("bad")):
        page.evaluate(show)
        found = page.evaluate("(options) => axe.run(document, options)", RULES)
        assert [told(violation) for violation in found["violations"]] == []
        checked = {rule["id"] for rule in found["passes"]}
        assert {"color-contrast", "button-name"} <= checked, "the rules that matter have looked at something"
    page.close()


@pytest.mark.parametrize("path", ["popup/popup.html", "options/options.html"])
def test_the_focus_goes_from_top_to_bottom_through_every_control(reader: tuple[str, Browser], path: str) -> None:
    _, browser = reader
    page = opened(browser, path, "light")
    expected = page.locator(NAMED).count()
    seen: list[tuple[float, float]] = []
    for _ in range(expected):
        page.keyboard.press("Tab")
        place = page.evaluate(
            """() => {
                const focused = document.activeElement;
                const { x, y, height } = focused.getBoundingClientRect();
                const shown = getComputedStyle(focused).outlineStyle !== "none" && focused !== document.body;
                return { x, y: y + scrollY + height / 2, shown };
            }"""
        )
        assert place["shown"], "where the focus is can be seen"
        seen.append((place["y"], place["x"]))
    assert len(set(seen)) == expected
    rows = [y for y, _ in seen]
    assert all(later >= earlier - 12 for earlier, later in pairwise(rows)), rows
    page.close()


def test_the_popup_speaks_one_language_the_apps_sentences_too(reader: tuple[str, Browser]) -> None:
    language, browser = reader
    messages = {
        name: json.loads((ROOT / f"extension/_locales/{name}/messages.json").read_text("utf-8"))
        for name in ("en", "de")
    }
    popup = opened(browser, "popup/popup.html", "light")
    words = popup.locator("body").inner_text()
    popup.close()
    assert messages[language]["language"]["message"] == language
    texts = {key: entry["message"] for key, entry in messages[language].items()}
    assert texts["said_damaged"] in words
    assert any(texts[f"said_{code}"] in words for code in ("same_answer", "overlap", "another_answer"))
    for key, entry in messages[{"en": "de", "de": "en"}[language]].items():
        foreign = entry["message"]
        if foreign != texts[key] and "$" not in foreign and " " in foreign:
            assert foreign not in words, key


def test_the_command_to_type_is_not_broken_between_its_dashes(reader: tuple[str, Browser]) -> None:
    _, browser = reader
    page = opened(browser, "options/options.html", "light")
    lines = """() => {
        const steps = document.querySelector("[data-text=options_pairing_steps]");
        steps.closest("[hidden]")?.removeAttribute("hidden");
        const walker = document.createTreeWalker(steps, NodeFilter.SHOW_TEXT);
        const range = document.createRange();
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const at = node.data.indexOf("--pair");
            if (at < 0) continue;
            range.setStart(node, at);
            range.setEnd(node, at + "--pair".length);
        }
        return new Set([...range.getClientRects()].map(({ top }) => top)).size;
    }"""
    for width in range(360, 1000, 40):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(lines) == 1, f"at a width of {width}"
    page.close()


def opened(browser: Browser, path: str, scheme: str) -> Page:
    page = browser.extension_page(path)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.locator("[data-state=good]").first.wait_for(state="attached")
    return page


def told(violation: dict[str, Any]) -> str:
    nodes = "; ".join(f"{node['target'][0]}: {node['failureSummary']}" for node in violation["nodes"])
    return f"{violation['id']}: {nodes}"
