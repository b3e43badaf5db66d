"""A browser context that notes everything a page must not do: run what is not ours, call elsewhere, complain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Request, Route, WebError

AIRFLOWS_OWN = "An iframe which has both allow-scripts and allow-same-origin"  # how it shows every plugin's pages


class Watch:
    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.ran: list[str] = []  # what of a publisher's ran, and dialogs
        self.called: list[str] = []  # addresses elsewhere
        self.complained: list[str] = []  # on the console, the content security policy too
        elsewhere = re.compile(rf"^(?!{re.escape(origin)}/|data:|blob:|about:)")
        context.route(elsewhere, self._refuse)
        context.expose_binding("hit", self._hit)
        context.on("dialog", self._dialog)
        context.on("console", self._console)
        context.on("weberror", self._error)

    def is_clean(self) -> None:
        assert (self.ran, self.called, self.complained) == ([], [], [])

    def _refuse(self, route: Route, request: Request) -> None:
        self.called.append(request.url)
        route.abort()

    def _hit(self, source: dict[str, Any], what: str = "") -> None:
        self.ran.append(f"{what} on {source['frame'].url}")

    def _dialog(self, dialog: Dialog) -> None:
        self.ran.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(AIRFLOWS_OWN):
            self.complained.append(f"{message.text} at {message.location['url']}")

    def _error(self, error: WebError) -> None:
        self.complained.append(str(error.error))


@contextmanager
def watched(browser: Browser, origin: str, **looks: Any) -> Iterator[tuple[BrowserContext, Watch]]:
    """`looks` are the context's: viewport, color_scheme, storage_state."""
    context = browser.new_context(reduced_motion="reduce", **looks)
    context.set_default_timeout(30_000)
    try:
        yield context, Watch(context, origin)
    finally:
        context.close()
