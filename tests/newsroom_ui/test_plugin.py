"""What the plugin uses of Airflow is there: its names are not promised from one version to the next."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
_CHILD = """
import json, sys
sys.path.insert(0, sys.argv[1])
import newsroom as plugin

light = sorted({"airflow.api_fastapi", "fastapi", "ingest.newsroom", "ingest.pipeline", "pyarrow"} & set(sys.modules))
app = plugin.newsroom()
views = plugin.NewsroomPlugin.external_views
guards = {d.call.__qualname__ for d in app.routes[0].dependant.dependencies}
print(json.dumps({"light": light, "views": views, "guards": sorted(guards), "routes": len(app.routes)}))
"""


def test_the_plugin_is_light_until_a_page_is_asked_for(tmp_path: Path) -> None:
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "AIRFLOW_HOME": str(tmp_path)}
    command = [sys.executable, "-c", _CHILD, str(PROJECT / "plugins")]
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["light"] == []
    assert found["routes"] > 15
    assert "requires_access_asset.<locals>.inner" in found["guards"]
    assert {view["destination"] for view in found["views"]} == {"nav", "dag_run"}
    assert len({view["url_route"] for view in found["views"]}) == 2
