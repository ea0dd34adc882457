"""Run one command on one core and report what it used: `python -I -S launch.py CORE REPORT COMMAND ...`; CORE may be -.

A process of its own, and a small one: what Linux calls a process's peak memory begins with that of its parent, so a
large parent would be counted with every child. It is run by its path and imports nothing of ours.
"""

from __future__ import annotations

import json
import os
import sys
import time

core, report, *command = sys.argv[1:]
if core != "-":
    os.sched_setaffinity(0, {int(core)})
began = time.perf_counter()
child = os.posix_spawn(command[0], command, os.environ)
_, status, used = os.wait4(child, 0)
told = {
    "code": os.waitstatus_to_exitcode(status),
    "wall": time.perf_counter() - began,
    "cpu": used.ru_utime + used.ru_stime,
    "peak": used.ru_maxrss * 1024,
}
with open(report, "w", encoding="ascii") as file:  # noqa: PTH123 (pathlib costs more than all the rest)
    json.dump(told, file)
