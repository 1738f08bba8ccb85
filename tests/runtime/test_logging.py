"""One JSON line an event, and nothing of other libraries."""

import json
import subprocess
import sys

from agents.runtime.logging import RuntimeLog, place_of


def test_line_has_time_level_event_role_tenant_and_fields():
    lines = []
    RuntimeLog(role="butler", tenant="abc", write=lines.append).warning("tick_failed", seconds=1.5)
    (line,) = lines
    assert line.endswith("}\n")
    record = json.loads(line)
    assert record.pop("time").endswith("+00:00")
    assert record == {
        "level": "warning",
        "event": "tick_failed",
        "role": "butler",
        "tenant": "abc",
        "seconds": 1.5,
    }


def test_line_breaks_in_values_cannot_forge_a_line():
    lines = []
    RuntimeLog(write=lines.append).info("x", detail='a\n{"event": "forged"}')
    assert lines[0].count("\n") == 1


def test_library_records_reach_neither_stdout_nor_stderr():
    code = (
        "import logging; from agents.runtime.logging import silence_libraries; silence_libraries();"
        "logging.getLogger('googleapiclient.http').error('GET owner@acme.example')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_place_names_the_code_and_not_the_message():
    try:
        RuntimeLog(write=lambda line: None).info("x", detail=object())
    except TypeError as error:
        place = place_of(error)
    assert place.startswith("logging.py:")
    assert place.endswith("in _line")
