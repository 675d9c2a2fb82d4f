"""Counts checks and ends the run at the first that fails, with one line that says which and what was seen."""

import contextlib
import sys

passed = 0
latest = "the start"


class Failed(Exception):
    pass


def check(what, truth, seen=None):
    global passed, latest
    if not truth:
        fail(what, seen)
    passed, latest = passed + 1, what
    print(f"ok  {what}", flush=True)


def fail(what, seen):
    raise Failed(f"{what}: {seen}")


@contextlib.contextmanager
def counted():
    try:
        yield
    except Exception as error:
        # The client's task groups wrap whatever goes wrong inside them.
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        if not isinstance(error, Failed):
            error = f"{type(error).__name__} after `{latest}`: {error}"
        sys.exit(f"FAILED: {error}\n{passed} passed, 1 failed")
    print(f"{passed} passed, 0 failed")
