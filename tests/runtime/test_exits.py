"""The exit codes are a contract with the back office and with operators' notes."""

import subprocess
import sys

from agents.runtime.exits import Exit


def test_numbers_are_as_agreed():
    assert {code.name: int(code) for code in Exit} == {
        "OK": 0,
        "CONFIG": 64,
        "IDENTITY_MISMATCH": 65,
        "SECRET_UNREADABLE": 66,
        "TOKEN_REVOKED": 67,
        "GMAIL_UNREACHABLE": 68,
        "DATABASE_UNREACHABLE": 69,
        "INTERNAL": 70,
        "GMAIL_REFUSED": 71,
        "ENGINE_FAILED": 72,
        "ENGINE_TIMEOUT": 73,
        "ENGINE_OUT_OF_MEMORY": 74,
        "ENGINE_MISSING": 75,
        "MODEL_UNREACHABLE": 76,
        "BUDGET_SPENT": 77,
        "ENGINE_LOOPED": 78,
        "KILLED": 137,
        "TERMINATED": 143,
    }


def test_each_says_what_it_means_and_what_to_do():
    texts = [text for code in Exit for text in (code.meaning, code.next_action)]
    assert all(text.endswith(".") for text in texts)
    assert len({code.meaning for code in Exit}) == len(Exit)


def test_explain_knows_its_own_codes_only():
    assert Exit.explain(67) is Exit.TOKEN_REVOKED
    assert Exit.explain(1) is None
    assert Exit.explain(None) is None


def test_back_office_can_import_the_codes_without_the_runtime_libraries():
    code = (
        "import sys, agents.runtime.exits;"
        "print(sorted({'psycopg', 'httplib2', 'boto3', 'googleapiclient', 'django'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
