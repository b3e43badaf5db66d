"""/runs, /runs/ID and /dag-run, which Airflow's page of a DAG run shows."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ingest.newsroom import charts, runs
from ingest.newsroom.pages import page
from ingest.newsroom.routes.common import given, workspace


def add_routes(reads: APIRouter, edits: APIRouter) -> None:
    reads.add_api_route("/", list_, methods=["GET"])
    reads.add_api_route("/runs", list_, methods=["GET"])
    reads.add_api_route("/runs/{run_id}", one, methods=["GET"])
    reads.add_api_route("/dag-run", of_dag_run, methods=["GET"])


def list_(request: Request) -> HTMLResponse:
    return page(request, "runs.html", runs=runs.listed(workspace(request)))


def one(request: Request, run_id: str, show: str = "", shard: str = "") -> HTMLResponse:
    found = runs.run(workspace(request), run_id, everything=show == "all", shard=given(shard))
    funnel = charts.funnel(found.steps)
    return page(request, "run.html", run=found, funnel=funnel, everything=show == "all", shard=shard)


def of_dag_run(request: Request, dag_id: str = "", run_id: str = "", map_index: int = -1) -> HTMLResponse:
    """With the `map_index` of a mapped task, its shard: they are numbered as they are dealt."""
    ws = workspace(request)
    found = runs.run_of_dag(ws, dag_id, run_id)
    if found is None:
        return page(request, "no_run.html", dag_id=dag_id, dag_run_id=run_id)
    return one(request, found, shard=f"shard{map_index + 1:02d}" if map_index >= 0 else "")
