"""A newcomer's first hour, typed into a terminal of 80 x 24: `python -m tests.first_hour` prints what is to be read.

It needs tmux. Each task is a line or two; after each the screen is printed as it stands, so that what has scrolled away
is missing here as it is there.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
SMALL = "epochs=1 width=.125 evaluations=3"
#: What is typed, and how long it may take; a line that ends with ^C is interrupted once so many seconds are over.
TASKS = [
    ("collect", 60),
    ("collect list", 60),
    ("collect plan", 200),
    (f"collect run quick depth=1 seeds=2 {SMALL}", 300),
    (f"collect run quick depth=1 activation=gelu,relu seeds=2 {SMALL}", 60),
    (f"collect run quick depth=1 activation=gelu,relu seeds=2 {SMALL} name=mine", 300),
    ("collect run data/mine seeds=4", 60),
    ("collect run data/mine seeds=4 --extend", 300),
    ("mv data/mine elsewhere && collect run elsewhere", 60),
    ("collect run elsewhere seeds=6 --extend --jobs 1 ^C", 14),
    ("collect status elsewhere", 60),
    ("collect run elsewhere", 300),
    ("timeout 12 collect run quick seeds=9 name=array --shard 2/3 --jobs 1", 60),
    ("collect status data/array --json", 60),
    ("collect list", 60),
    ("collect show --settings | head -20", 60),
    ("collect run --depth 3", 60),
    ("collect run quick lr=3e-3", 60),
    ("collect run quick activation=[gelu, relu]", 60),
    ("collect run quick depth = 3", 60),
    ("collect quick depth=3", 60),
    ("collect plan elsewhere seeds=20", 200),
    ("collect verify elsewhere", 100),
    ("clear; collect run --help", 60),
]


def main() -> None:
    """Type every task, or those from the number that is given, and print the screen after each."""
    first = int(sys.argv[1]) if sys.argv[1:] else 1
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for name in ("collect", "analyze"):
            (home / name).write_text(f'#!/bin/sh\nexec {sys.executable} -m {name} "$@"\n', encoding="utf-8")
            (home / name).chmod(0o755)
        (home / "work").mkdir()
        tmux = ["tmux", "-L", f"first-hour-{os.getpid()}", "-f", "/dev/null"]
        shell = f"env PS1='$ ' PATH={home}:{os.environ['PATH']} PYTHONPATH={ROOT} sh"
        start = [*tmux, "new-session", "-d", "-x", "80", "-y", "24", "-c", str(home / "work"), shell]
        subprocess.run(start, check=True)
        try:
            for number, (line, seconds) in enumerate(TASKS, 1):
                if number >= first:
                    print(f"=== {number}", _screen(tmux, line, seconds), sep="\n", flush=True)
        finally:
            subprocess.run([*tmux, "kill-server"], check=False)


def _screen(tmux: list[str], line: str, seconds: float) -> str:
    """What the terminal shows once a line has been typed and has ended."""

    def ended() -> str | None:
        shown = subprocess.run(
            [*tmux, "capture-pane", "-p"], capture_output=True, text=True, check=True
        ).stdout.rstrip()
        return shown if shown.splitlines()[-1:] == ["$"] else None

    typed, interrupted = line.removesuffix(" ^C"), line.endswith("^C")
    subprocess.run([*tmux, "send-keys", f"clear; {typed}", "Enter"], check=True)
    time.sleep(1)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not ended():
        time.sleep(0.5)
    if interrupted:
        subprocess.run([*tmux, "send-keys", "C-c"], check=True)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not ended():
            time.sleep(0.5)
    return f"$ {line}\n{ended() or '… (it has not ended)'}"


if __name__ == "__main__":
    main()
