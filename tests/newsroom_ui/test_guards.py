"""Nobody sees a page without the right to, and no other site's page changes anything."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from ingest.newsroom import create_app
from ingest.newsroom.guards import HEADER, POLICY
from tests.newsroom import desk
from tests.newsroom_ui.conftest import GUARDS, ROOT, Landed

VALUES = {"day": "2026-03-14", "number": "1"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return create_app(desk(tmp_path_factory.mktemp("empty")).settings, GUARDS)


def routes(app: FastAPI) -> list[tuple[str, str]]:
    """(method, path) of all there are, parameters filled in."""
    found = []
    for route in app.routes:
        assert isinstance(route, APIRoute), f"{route} has no dependencies: anybody could ask it"
        path = route.path
        for name in route.param_convertors:
            path = path.replace("{" + name + "}", VALUES.get(name, "some"))
        found += [(method, path) for method in route.methods]
    return found


class TestEveryRoute:
    def test_there_are_those_that_are_meant(self, app: FastAPI) -> None:
        posts = {path for method, path in routes(app) if method == "POST"}
        assert len(routes(app)) > 15
        assert posts == {
            "/sources/some/pause", "/sources/some/enable", "/sources/some/retire",
            "/sources/some/preview", "/sources/some/rules", "/sources/some/rules/1/drop",
            "/quarantine/2026-03-14/some/mend", "/quarantine/2026-03-14/some/upload",
            "/quarantine/2026-03-14/some/discard",
        }  # fmt: skip

    def test_asks_for_a_login(self, app: FastAPI) -> None:
        client = TestClient(app)
        for method, path in routes(app):
            answer = client.request(method, path, headers={HEADER: "1"})
            assert (answer.status_code, path) == (401, path)

    def test_that_changes_something_is_for_editors_alone(self, app: FastAPI) -> None:
        client = TestClient(app)
        for method, path in routes(app):
            if method != "GET":
                answer = client.request(method, path, headers={"X-Role": "viewer", HEADER: "1"})
                assert (answer.status_code, path) == (403, path)

    @pytest.mark.parametrize(
        "headers",
        [{}, {HEADER: "1", "Sec-Fetch-Site": "cross-site"}, {HEADER: "1", "Sec-Fetch-Site": "same-site"}],
        ids=["no header", "another site", "another host of the site"],
    )
    def test_that_changes_something_is_not_for_other_sites(self, app: FastAPI, headers: dict[str, str]) -> None:
        client = TestClient(app)
        for method, path in routes(app):
            if method != "GET":
                answer = client.request(method, path, headers={"X-Role": "editor", **headers})
                assert (answer.status_code, path) == (403, path)

    def test_another_method_changes_nothing(self, app: FastAPI) -> None:
        client = TestClient(app, headers={"X-Role": "editor", HEADER: "1"})
        assert client.get("/sources/some/pause").status_code == 405

    @pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/static/..%2fapp.py", "/static/app.py"])
    def test_there_is_no_more(self, app: FastAPI, path: str) -> None:
        assert TestClient(app, headers={"X-Role": "editor"}).get(path).status_code == 404


def test_before_the_first_run_every_page_says_what_is_not_there(app: FastAPI) -> None:
    client = TestClient(app, headers={"X-Role": "editor", HEADER: "1"})
    for method, path in routes(app):
        if not path.startswith(("/static", "/dag-run")):
            answer = client.request(method, path)  # an error that nobody thought of is raised here
            assert answer.status_code in (200, 400, 404, 422, 503), path


class TestHeaders:
    def test_no_script_but_our_own_runs(self, landed: Landed) -> None:
        for path in ("/runs", "/nothing", "/sources/nobody"):
            headers = landed.client.get(f"{ROOT}{path}").headers
            assert headers["Content-Security-Policy"] == POLICY
            assert headers["X-Content-Type-Options"] == "nosniff"
        assert "unsafe" not in POLICY

    def test_a_refusal_is_a_page_for_people_and_json_for_programs(self, landed: Landed) -> None:
        client = TestClient(landed.client.app)
        page = client.get(f"{ROOT}/runs", headers={"Accept": "text/html"})
        assert page.status_code == 401
        assert "Log in to Airflow" in page.text
        assert client.get(f"{ROOT}/runs").json() == {"detail": "Not authenticated"}
