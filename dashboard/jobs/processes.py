"""Telling whether a process that was noted down still lives."""

import os

import psutil

from dashboard.jobs.states import Process

# The system tells starts in hundredths of a second; what psutil makes of them wavers by less than this.
_SAME_START_SECONDS = 2.0


def this_process() -> Process:
    """Return the process that calls."""
    return Process(os.getpid(), psutil.Process().create_time())


def process_of(pid: int) -> Process | None:
    """Return the process of that number, None when it is gone already."""
    try:
        return Process(pid, psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None


def lives(process: Process | None) -> bool:
    """Tell whether it is at work: there, not merely waiting to be buried, and not a later one of the same number."""
    if process is None:
        return False
    try:
        found = psutil.Process(process.pid)
        return abs(found.create_time() - process.started) < _SAME_START_SECONDS and found.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
