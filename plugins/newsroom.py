"""The newsroom in the Airflow UI: in the menu, on each DAG run, linked from each task. See docs/newsroom.md.

All that is known of Airflow's own API server is in here; the pages themselves are `ingest.newsroom`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from airflow.plugins_manager import AirflowPlugin

from ingest.airflow.links import PREFIX, NewsroomLink

if TYPE_CHECKING:
    from fastapi import FastAPI


@cache
def newsroom() -> FastAPI:
    """Who may read the asset that the pipeline lands may see the pages; who may change it may pause and discard."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
    from airflow.api_fastapi.core_api.security import get_user, requires_access_asset
    from fastapi import Depends

    from ingest.newsroom import Guards, Rights, create_app
    from ingest.newsroom.guards import DAGS
    from ingest.settings import load_settings

    def who(user: Any = Depends(get_user)) -> str:  # noqa: B008 - so FastAPI is told
        return user.get_name()

    def may_trigger(user: Any, dag_id: str) -> bool:
        return get_auth_manager().is_authorized_dag(
            method="POST", access_entity=DagAccessEntity.RUN, details=DagDetails(id=dag_id), user=user
        )

    def rights(user: Any = Depends(get_user)) -> Rights:  # noqa: B008
        return Rights(
            edit=get_auth_manager().is_authorized_asset(method="PUT", user=user),
            trigger=frozenset(dag_id for dag_id in DAGS if may_trigger(user, dag_id)),
        )

    guards = Guards(who=who, read=requires_access_asset("GET"), edit=requires_access_asset("PUT"), rights=rights)
    return create_app(load_settings(), guards)


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Made at its first request: every process of Airflow loads its plugins, and one of them serves pages."""
    await newsroom()(scope, receive, send)


class NewsroomPlugin(AirflowPlugin):
    name = "newsroom"
    fastapi_apps = [{"app": app, "url_prefix": PREFIX, "name": "Newsroom"}]  # noqa: RUF012 - as Airflow wants it
    global_operator_extra_links = [NewsroomLink()]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        {
            "name": "Newsroom",
            "href": "newsroom/runs",
            "destination": "nav",
            "url_route": "newsroom",
            "icon": "newsroom/static/icon.svg",
            "nav_top_level": True,
        },
        {
            "name": "Newsroom",
            "href": "newsroom/dag-run?dag_id={DAG_ID}&run_id={RUN_ID}",
            "destination": "dag_run",
            "url_route": "newsroom-run",
            "icon": "newsroom/static/icon.svg",
        },
    ]
