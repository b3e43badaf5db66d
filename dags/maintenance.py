"""Four times a day: fewer and larger files, what is past its retention, and whether all that landed is whole.

**compact** puts the small files of each day together, a commit a day · **clean** deletes files of older versions that no reader
can need, raw archives and quarantine past their retention, and what killed runs staged · **forget** drops what the state need
not know any more · **check** tells how the table is to read, and verifies the last week.

Safe beside runs and readers: appends are no conflict, a file stays for a week after it was replaced. Each task is bounded and
goes on next time where it ended; none has to be cleared by hand.

**You were woken?** A red `check`: something that landed was lost, damaged or doubled. Its log has a line for each, with what to
do; nothing gets worse until you do. Another red task: the store or the state database did not answer; the next round does it.
"""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, ExceptionRetryPolicy, RetryAction, RetryRule, dag, task

from ingest import pipeline
from ingest.airflow.notifier import TellFailure, telling
from ingest.errors import BadConfig, Damaged

RETRIES = ExceptionRetryPolicy(
    [RetryRule(error, RetryAction.FAIL, reason="a person has to see to it") for error in (BadConfig, Damaged)]
)


@dag(
    schedule=CronTriggerTimetable("20 */6 * * *", timezone="UTC", run_immediately=False),
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    tags=["ingest"],
    on_failure_callback=TellFailure(),
    default_args={
        "retries": 2,
        "retry_delay": timedelta(minutes=2),
        "retry_policy": RETRIES,
        "execution_timeout": timedelta(hours=1),
    },
)
def maintenance():
    @task
    def compact() -> dict:
        return pipeline.compact_tables()

    @task
    def clean() -> dict:
        return pipeline.clean_store()

    @task
    def forget() -> int:
        return pipeline.forget_old()

    @task
    def check() -> None:
        with telling("maintenance"):
            pipeline.look_over()

    compact() >> clean() >> forget() >> check()


maintenance()
