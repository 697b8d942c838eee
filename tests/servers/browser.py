"""A real Chromium that keeps what people would see and what they should not: pictures, console errors, failed requests."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.servers.storefront import PASSWORD, ROOT

ARTIFACTS = ROOT / "test-artifacts"
PHONE, DESK = (390, 844), (1280, 900)
PATIENT_MS = 60_000  # a page is there in a moment; on a busy machine it is still awaited
expect.set_options(timeout=PATIENT_MS)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of this machine, else the one Playwright brings."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=arguments)
        yield browser
        browser.close()


class Visitor:
    """Somebody with a browser window of their own; `wrongs` is what went wrong in it."""

    def __init__(
        self, browser: Browser, address: str, *, size: tuple[int, int] = PHONE, script: bool = True, folder: str = "journey"
    ) -> None:
        width, height = size
        self.address, self.folder, self.wrongs = address, ARTIFACTS / folder, list[str]()
        self.context: BrowserContext = browser.new_context(
            base_url=address, viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai",
            java_script_enabled=script, is_mobile=width < 500, has_touch=width < 500, device_scale_factor=1, accept_downloads=True,
        )  # fmt: skip
        self.context.set_default_timeout(PATIENT_MS)
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda m: self.wrongs.append(f"console: {m.text} at {self.page.url}") if _is_wrong(m) else None)
        self.page.on("pageerror", lambda e: self.wrongs.append(f"script: {e} at {self.page.url}"))
        self.page.on("requestfailed", lambda r: self.wrongs.append(f"failed: {r.url} {r.failure}") if not _left(r.failure) else None)
        self.page.on("response", lambda r: self.wrongs.append(f"{r.status}: {r.url}") if r.status >= 400 else None)

    def go(self, path: str) -> Page:
        self.page.goto(path)
        return self.page

    def sign_in(self, phone: str) -> Page:
        self.go("/login")
        self.page.fill("#f-phone", phone)
        self.page.fill("#f-password", PASSWORD)
        self.page.press("#f-password", "Enter")
        self.page.wait_for_url(lambda url: "/login" not in url)
        return self.page

    def picture(self, name: str) -> Path:
        """Keep the whole page as it stands."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{name}.png"
        self.page.screenshot(path=path, full_page=True, caret="initial")  # hiding it would write styles into the page
        return path

    def close(self) -> None:
        self.context.close()


def _is_wrong(said: ConsoleMessage) -> bool:
    """An error on the console, but for what htmx says of a request that was dropped because the page was left."""
    return said.type == "error" and not said.text.startswith(("htmx:sendAbort,", "htmx:afterRequest,"))


def _left(failure: str | None) -> bool:
    """A request the browser itself dropped because the page was left, or because the answer became a download."""
    return failure is not None and "ERR_ABORTED" in failure
