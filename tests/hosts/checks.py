"""Counts checks and ends the run at the first that fails."""

import sys

passed = 0


def check(what, truth, seen=None):
    global passed
    if not truth:
        fail(what, seen)
    passed += 1
    print(f"ok  {what}")


def fail(what, seen):
    sys.exit(f"FAILED: {what}: {seen}\n{passed} passed, 1 failed")


def done():
    print(f"{passed} passed, 0 failed")
