"""By hand: what runs brought, read again from the raw archive with today's rules. Nothing is fetched.

Give **run_id** (as in STORE/runs/), or **since** and perhaps **until** (when it was fetched); **sources** for some only. The first
time leave **dry_run** on: it lands nothing, and `report` says how many articles would change and in which fields, the log of each
`read_again` square shows examples. Then trigger it again with dry_run off.

**plan** deals the sources of which the archive has something · **read_again** (one square a shard) parses, extracts and cleans
· **resolve** and **land** put what came out otherwise into the table, as next versions in their old stories · **report** judges.

**You were woken?** Nobody should be: a replay is not urgent, and clearing a red task is safe.

| red task | means | do |
|---|---|---|
| `plan` | *not-stored*: nothing of that run or time is in the archive any more; *bad-config*: a source or the parameters | trigger it with others |
| `read_again` | a dead worker or a bug; a damaged record is never one | its log; clear it |
| `resolve`, `land` | store or state database did not answer | clear it when they are back |
| `report` | many sources could not be read, or a shard is missing | what is good **has landed** |

More: docs/replay.md.
"""

from datetime import timedelta

from airflow.sdk import ExceptionRetryPolicy, Param, RetryAction, RetryRule, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from ingest import pipeline
from ingest.airflow.assets import LANDED
from ingest.airflow.landed import announce
from ingest.airflow.notifier import TellFailure, telling
from ingest.airflow.pool import POOL
from ingest.airflow.telemetry import send_metrics
from ingest.errors import BadConfig, NotStored

RETRIES = ExceptionRetryPolicy(
    [
        RetryRule(BadConfig, RetryAction.FAIL, reason="a person has to mend it"),
        RetryRule(NotStored, RetryAction.FAIL, reason="it is no longer there"),
    ]
)


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    tags=["ingest"],
    on_failure_callback=TellFailure(),
    default_args={"retries": 2, "retry_delay": timedelta(seconds=30), "retry_policy": RETRIES},
    params={
        "run_id": Param(
            None,
            type=["null", "string"],
            minLength=1,
            maxLength=250,
            description="What this run brought; or else:",
            section="What to read again",
        ),
        "since": Param(
            None,
            type=["null", "string"],
            format="date-time",
            description="What was fetched since,",
            section="What to read again",
        ),
        "until": Param(
            None,
            type=["null", "string"],
            format="date-time",
            description="and before.",
            section="What to read again",
        ),
        "sources": Param(
            [],
            type="array",
            items={"type": "string", "minLength": 1, "maxLength": 200},
            uniqueItems=True,
            description="Of these sources alone, by id, one a line; empty: of all.",
            section="What to read again",
        ),
        "dry_run": Param(
            True,
            type="boolean",
            description="Only tell what would change.",
            section="What to do",
        ),
    },
)
def replay():
    @task
    def plan(params: dict, dag_run) -> list[dict]:
        return pipeline.plan_replay(dag_run.run_id, params)

    @task(map_index_template="{{ shard }}", pool=POOL)
    def read_again(shard: dict) -> dict:
        get_current_context()["shard"] = shard["name"]
        return pipeline.replay_shard(shard)

    @task(trigger_rule="all_done")  # a lost shard doesn't hold back the others
    def resolve(shards: list[dict], params: dict) -> dict:
        if params["dry_run"]:
            raise AirflowSkipException("a dry run lands nothing")
        return pipeline.resolve_night(shards)

    @task(outlets=[LANDED])
    def land(shards: list[dict], *, outlet_events) -> dict:
        return announce(pipeline.land_night(shards), outlet_events)

    @task(trigger_rule="all_done", retries=0)
    def report(shards: list[dict] | None, counts: list[dict], params: dict) -> None:  # None: plan has failed
        with telling("replay"):
            if params["dry_run"] and shards is not None:
                pipeline.tell_dry_run(shards, counts)
            else:
                pipeline.judge_night(shards, tell=send_metrics)

    shards = plan()
    counts = read_again.expand(shard=shards)
    counts >> resolve(shards) >> land(shards) >> report(shards, counts)


replay()
