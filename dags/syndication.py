"""Nightly: every source that is due, from its feed to the table of articles.

**plan** picks the due sources and deals them into shards · **ingest** (one square a shard) fetches, archives raw, parses,
extracts and cleans · **resolve** puts articles into stories · **land** writes one commit · **report** judges the run.

**You were woken?** Open the *report* task's log first: it names every fault and what to do.

| red task | means | do |
|---|---|---|
| `plan` | registry or state database can't be read | `ingest doctor`; the message names file and line, or the database |
| `ingest` (a shard) | a bug or a dead worker, never a bad feed | read its traceback; clear it: it fetches again, nothing doubles. The other shards have landed |
| `resolve`, `land` | store or state database did not answer | clear it when they are back: land is a no-op for what is in |
| `report` | more sources failed than INGEST_MAX_FAILED_RATIO, or a shard is missing | what is good **has landed**; failed sources stay due and are tried again |

One failing source never fails the run. Trigger by hand with **sources** to run chosen ones, **force** to run them before they
are due; with **since** and **pages** also for what their feeds no longer show. Airflow's own *Backfill* brings nothing: a feed
shows what it has today, whatever day a run is for. More: docs/operations.md.
"""

from datetime import timedelta

from airflow.sdk import (
    CronTriggerTimetable,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    dag,
    get_current_context,
    task,
)

from ingest import pipeline
from ingest.airflow.assets import LANDED
from ingest.airflow.deadline import late_after
from ingest.airflow.landed import announce
from ingest.airflow.notifier import TellFailure, telling
from ingest.airflow.pool import POOL
from ingest.airflow.telemetry import send_metrics
from ingest.errors import BadConfig

RETRIES = ExceptionRetryPolicy([RetryRule(BadConfig, RetryAction.FAIL, reason="a person has to mend it")])


@dag(
    # not at once when it is first seen; a night missed by an outage is made up, once
    schedule=CronTriggerTimetable("0 2 * * *", timezone="UTC", run_immediately=False),
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    tags=["ingest"],
    on_failure_callback=TellFailure(),
    deadline=late_after("syndication"),
    default_args={
        "retries": 2,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": True,
        "retry_policy": RETRIES,
    },
    params={
        "sources": Param(
            [],
            type="array",
            items={"type": "string", "minLength": 1, "maxLength": 200},
            uniqueItems=True,
            title="Sources",
            description="Ids of sources, one a line; empty: all that are due.",
        ),
        "force": Param(
            False,
            type="boolean",
            title="Before they are due",
            description="Never against a Retry-After or a 410.",
        ),
        "since": Param(
            None,
            type=["null", "string"],
            format="date-time",
            title="Back to",
            description="Of the sources named above, also what their feeds no longer show: nothing published before.",
            section="Backfill",
        ),
        "pages": Param(
            50,
            type="integer",
            minimum=1,
            maximum=10_000,
            title="Pages",
            description="So many further pages or sitemaps of each feed at most.",
            section="Backfill",
        ),
    },
)
def syndication():
    @task
    def plan(params: dict, dag_run) -> list[dict]:
        return pipeline.plan_night(dag_run.run_id, **params)

    @task(map_index_template="{{ shard }}", pool=POOL)
    def ingest(shard: dict) -> dict:
        get_current_context()["shard"] = shard["name"]
        return pipeline.ingest_night(shard)

    @task(trigger_rule="all_done")  # a lost shard doesn't hold back the others
    def resolve(shards: list[dict]) -> dict:
        return pipeline.resolve_night(shards)

    @task(outlets=[LANDED])
    def land(shards: list[dict], *, outlet_events) -> dict:
        return announce(pipeline.land_night(shards), outlet_events)

    @task(trigger_rule="all_done", retries=0)
    def report(shards: list[dict] | None) -> None:  # None: plan has failed
        with telling("syndication"):
            pipeline.judge_night(shards, tell=send_metrics)

    shards = plan()
    ingest.expand(shard=shards) >> resolve(shards) >> land(shards) >> report(shards)


syndication()
