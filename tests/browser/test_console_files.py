"""Files before an agent: a picture, what is odd about one, and what the scanner keeps back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, GatewayProcess
from tests.browser.test_files import WIDTHS, file, no_faults, shot
from tests.clamd import EICAR, SIGNATURE, Scanner, running_clamd  # noqa: F401
from tests.pictures import picture

pytestmark = pytest.mark.browser

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


@pytest.fixture(scope="module")
def scanning(
    tmp_path_factory: pytest.TempPathFactory,
    running_clamd: Scanner,  # noqa: F811
) -> Iterator[GatewayProcess]:
    folder = tmp_path_factory.mktemp("scanning")
    process = GatewayProcess(folder, QINGTING_CLAMD=f"unix:{running_clamd.socket}")
    process.start()
    yield process
    process.kill()


def console(page: Any, gateway: GatewayProcess, path: str) -> None:
    page.goto(f"{gateway.url}/console{path}")
    page.locator(".bar, #username").first.wait_for()
    if page.locator("#username").count():
        page.fill("#username", "admin")
        page.fill("#password", PASSWORD)
        page.click("button[type=submit]")
    expect(page.locator(".bar")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_an_agent_sees_pictures_and_warnings_and_what_is_infected_is_kept_back(
    scanning: GatewayProcess, visit: Any, width: int
) -> None:
    customer = visit(f"{scanning.url}/chat?lang=en")
    expect(customer.locator(".message.bot")).to_have_count(1)
    sent = [
        file("photo.jpg.exe", picture("JPEG")),
        file("invoice.pdf", b"%PDF-1.7\n" + EICAR),
        file("scan.png", picture()),
    ]
    customer.locator("#file").set_input_files(sent)
    expect(customer.locator('#tray .file[data-state="done"]')).to_have_count(3)
    customer.locator("#text").fill("You took a fee of £30 from my account on 28 October and nobody told me")
    customer.locator("#send").click()
    expect(customer.locator(".message.system")).to_contain_text("“invoice.pdf” did not pass the security check")
    conversation = customer.evaluate("JSON.parse(localStorage['qingting.seen'])[0]")

    page = visit(f"{scanning.url}/console", viewport={"width": width, "height": WIDTHS[width]})
    expect(page.locator("#username")).to_be_visible()
    console(page, scanning, f"/conversations/{conversation}")
    files = page.locator("qt-conversation .file")
    expect(files).to_have_count(3)
    photo, invoice, scan = files.nth(0), files.nth(1), files.nth(2)
    expect(photo).to_have_attribute("data-scan", "clean")
    expect(photo).to_contain_text("two endings")
    expect(photo.locator("img")).to_be_visible()
    expect(scan.locator("img")).to_be_visible()
    expect(invoice).to_contain_text(f"Infected: {SIGNATURE}")
    expect(invoice.locator("a, img")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shot(page, f"console-files-{width}")
    no_faults(page, *WCAG)
    with page.expect_download() as saved:
        photo.locator("a").click()
    assert saved.value.suggested_filename == "photo.jpg.exe.jpg"
    invoice.get_by_role("button", name="Save all the same").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(SIGNATURE)
    with page.expect_download() as taken:
        dialog.get_by_role("button", name="Save", exact=True).click()
    assert Path(taken.value.path()).read_bytes().endswith(EICAR)


def test_the_case_lists_what_was_handed_in(scanning: GatewayProcess, visit: Any) -> None:
    customer = visit(f"{scanning.url}/?lang=en")
    customer.locator("#what_happened").fill("You took a fee of £30 from my account on 28 October, see the statement")
    customer.locator("#attachments").set_input_files([file("statement.png", picture()), file("notes.txt", b"words")])
    expect(customer.locator('.upload-list .file[data-state="done"]')).to_have_count(2)
    customer.locator(".complaint [type=submit]").click()
    reference = customer.locator("[data-show=reference]")
    expect(reference).to_have_text(re.compile(r"C\d{8}-"))
    page = visit(f"{scanning.url}/console", viewport={"width": 1280, "height": 800})
    expect(page.locator("#username")).to_be_visible()
    console(page, scanning, f"/cases/{reference.inner_text()}")
    files = page.locator("qt-case .file")
    expect(files).to_have_count(2)
    expect(files.first.locator("img")).to_be_visible()
    shot(page, "console-case-files")
    no_faults(page, *WCAG)
