"""/sources, /sources/ID, and what may be changed of one: on and off, retired, its rules."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, Field

from ingest.newsroom import charts, preview, sources
from ingest.newsroom.pages import page
from ingest.newsroom.routes.common import given, now, said, who, workspace


class RuleForm(BaseModel):
    """`seen` is the digest of the rules that the page showed."""

    pattern: str = Field("", max_length=2_000)
    selector: str = Field("", max_length=2_000)
    kind: str = Field("navigation", max_length=40)
    reason: str = Field("", max_length=200)
    seen: str = Field("", max_length=64)

    @property
    def written(self) -> dict[str, str]:
        """As the registry has it: without what is empty."""
        fields = {name: getattr(self, name).strip() for name in ("pattern", "selector", "kind", "reason")}
        return {name: value for name, value in fields.items() if value}


def add_routes(reads: APIRouter, edits: APIRouter) -> None:
    reads.add_api_route("/sources", list_, methods=["GET"])
    reads.add_api_route("/sources/{source_id}", one, methods=["GET"])
    edits.add_api_route("/sources/{source_id}/pause", pause, methods=["POST"])
    edits.add_api_route("/sources/{source_id}/enable", enable, methods=["POST"])
    edits.add_api_route("/sources/{source_id}/retire", retire, methods=["POST"])
    edits.add_api_route("/sources/{source_id}/preview", try_rule, methods=["POST"])
    edits.add_api_route("/sources/{source_id}/rules", add_rule, methods=["POST"])
    edits.add_api_route("/sources/{source_id}/rules/{number}/drop", drop_rule, methods=["POST"])


def list_(
    request: Request, state: str = "", q: str = "", number: Annotated[int, Query(alias="page", ge=1)] = 1
) -> HTMLResponse:
    found = sources.listed(workspace(request), now(), state=given(state), text=given(q), page=number)
    sparks = {line.source.id: charts.spark(line.spark) for line in found.lines}
    return page(request, "sources.html", found=found, sparks=sparks, state=state, q=q)


def one(request: Request, source_id: str) -> HTMLResponse:
    found = sources.one(workspace(request), source_id, now())
    return page(request, "source.html", one=found, chart=charts.days(found.bars))


def pause(request: Request, source_id: str) -> JSONResponse:
    changed = sources.switch(workspace(request), source_id, on=False)
    return said(f"{source_id} is paused." if changed else f"{source_id} was paused already.")


def enable(request: Request, source_id: str) -> JSONResponse:
    changed = sources.switch(workspace(request), source_id, on=True)
    return said(f"{source_id} is enabled." if changed else f"{source_id} was enabled already.")


def retire(request: Request, source_id: str, why: Annotated[str, Form()] = "") -> JSONResponse:
    changed = sources.retired(workspace(request), source_id, now(), who(request), why)
    return said(f"{source_id} is retired." if changed else f"{source_id} was retired already.")


def try_rule(request: Request, source_id: str, rule: Annotated[RuleForm, Form()]) -> JSONResponse:
    """What a rule would take out of the last articles. Of those who may edit: it takes time to try."""
    hits = preview.would_remove(workspace(request), source_id, rule.written, now())
    return JSONResponse(
        {"message": hits.told, "lines": [{"text": hit.text, "articles": hit.articles} for hit in hits.lines]}
    )


def add_rule(request: Request, source_id: str, rule: Annotated[RuleForm, Form()]) -> JSONResponse:
    sources.with_rule(workspace(request), source_id, rule.written, rule.seen, now(), who(request))
    return said("The rule is in the registry: it holds from the next run on.")


def drop_rule(request: Request, source_id: str, number: int, seen: Annotated[str, Form()] = "") -> JSONResponse:
    sources.without_rule(workspace(request), source_id, number, seen, now(), who(request))
    return said("The rule is no longer in the registry.")
