"""`plugreg`: where a process enters. Ctrl-C ends it in order from here on, the imports included."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

CTRL_C = 130


def main() -> NoReturn:
    """Run the command line and exit.

    0 done, 1 failed, 2 wrong usage, 128 and its number for a signal: 130 for Ctrl-C.
    """
    try:
        if "_PLUGREG_COMPLETE" in os.environ:  # a shell asks: nothing else is imported
            from .completion.asking import answer_shell

            answer_shell(sys.argv[1:])
            sys.exit(0)
        from .interruption import Interrupted, listen

        try:
            listen()
            from .running import run

            sys.exit(run(sys.argv[1:]))
        except Interrupted as stop:  # while modules were imported
            from .running import report_interruption

            report_interruption(stop, sys.argv[1:])
            sys.exit(stop.status)
    except KeyboardInterrupt:  # before anybody listened
        sys.exit(CTRL_C)
