"""A real server on the small demo world, and real browsers that are phones and desks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.phone.handset import ARGS, Handset, MakeHandset
from tests.phone.line import Line
from tests.phone.street import Street
from tests.server import Server, copy_data, make_data
from tests.waiting import PATIENCE_MS
from web.config import ROOT, Config


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """The data of the small demo world, made once."""
    if not (ROOT / "static" / "app" / "index.html").exists():
        pytest.fail("the phone app is not built: run `make build`")
    return make_data(tmp_path_factory.mktemp("template"))


@pytest.fixture
def server(template: Config, tmp_path: Path) -> Iterator[Server]:
    with Server(copy_data(template, tmp_path / "data")) as running:
        yield running


@pytest.fixture
def handset(playwright: Playwright, browser_path: str, tmp_path: Path, server: Server) -> Iterator[MakeHandset]:
    """Makes phones by name; at the end none of their pages may have complained."""
    made: list[Handset] = []

    def make(name: str = "phone", camera: bool = True, url: str | None = None) -> Handset:
        phone = Handset(playwright, browser_path, tmp_path / name, url or server.base_url, camera)
        made.append(phone)
        return phone

    yield make
    for phone in made:
        phone.off()
    assert [fault for phone in made for fault in phone.faults] == []


@pytest.fixture(scope="session")
def desk_browser(playwright: Playwright, browser_path: str) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=browser_path, args=list(ARGS))
    yield browser
    browser.close()


@pytest.fixture
def desk(desk_browser: Browser, server: Server) -> Iterator[Page]:
    """The page of somebody at a desk, nobody signed in."""
    context = desk_browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai", base_url=server.base_url
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def street(
    template: Config, playwright: Playwright, browser_path: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Street]:
    """One server with a line before it for the tests of a file, where starting one for each would take too long."""
    server = Server(copy_data(template, tmp_path_factory.mktemp("street")))
    with server, Line(server.config.port).open() as line:
        yield Street(server, line, playwright, browser_path, tmp_path_factory.mktemp)


@pytest.fixture
def quiet_street(street: Street) -> Iterator[Street]:
    """An honest line again for each test; at the end none of the pages may have complained."""
    street.line.clear()
    street.line.most_at_once.clear()
    if not street.server.runs:
        street.server.start()
    yield street
    street.line.clear()
    assert street.put_away() == []
