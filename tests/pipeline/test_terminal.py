"""On a real terminal (a pty): the interactive mode starts, and the dashboard is served until Ctrl-C."""

import os
import pty
import re
import signal
import subprocess
from pathlib import Path

import requests

from tests.patience import PATIENCE_SECONDS
from tests.pipeline.conftest import command, environment, only_run, write_settings


class Terminal:
    """A program on a pseudo-terminal."""

    def __init__(self, root: Path, *arguments: str) -> None:
        self.handle, inner = pty.openpty()
        env = environment(root) | {"TERM": "xterm", "LINES": "50"}
        self.process = subprocess.Popen(
            command(*arguments), env=env, stdin=inner, stdout=inner, stderr=inner, start_new_session=True, close_fds=True
        )
        os.close(inner)
        self.text = ""

    def read_until(self, pattern: str) -> re.Match[str]:
        """Return the first match of ``pattern`` in what the program has written; fails when it ends without it."""
        while (found := re.search(pattern, self.text)) is None:
            try:
                self.text += os.read(self.handle, 65536).decode(errors="replace")
            except OSError:
                raise AssertionError(f"the program ended before it wrote {pattern!r}: {self.text[-2000:]}") from None
        return found

    def read_to_end(self) -> int:
        """Read until the program ends and return its exit code."""
        try:
            while content := os.read(self.handle, 65536):
                self.text += content.decode(errors="replace")
        except OSError:
            pass
        os.close(self.handle)
        return self.process.wait(timeout=PATIENCE_SECONDS)


def test_dashboard_is_served_until_ctrl_c(tmp_path: Path) -> None:
    settings = write_settings(tmp_path / "small.yaml")
    terminal = Terminal(tmp_path, "run", "--config", str(settings), "--port", "0")
    site, token = terminal.read_until(r"(http://127\.0\.0\.1:\d+)(/sign-in\?token=[\w-]{43})\s").groups()
    assert "Ctrl-C ends it" in terminal.text
    with requests.Session() as browser:
        led_to = re.search(r"url=(/runs/[\w-]+/)", browser.get(f"{site}{token}", timeout=PATIENCE_SECONDS).text)
        assert led_to
        page = browser.get(f"{site}{led_to[1]}", timeout=PATIENCE_SECONDS)
    assert page.status_code == 200
    assert "synthetic" in page.text
    assert terminal.read_until(r"For another one:\S*\s+\S+/sign-in\?token=([\w-]{43})\s")[1] not in token
    assert terminal.text.count("━") > 10
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.read_to_end() == 0
    assert "Dashboard stopped." in terminal.text
    assert "Traceback" not in terminal.text


def test_terminated_dashboard_says_so_in_its_exit_code(finished_root: Path) -> None:
    terminal = Terminal(finished_root, "dashboard", "--no-open", "--port", "0")
    terminal.read_until("Ctrl-C ends it")
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.read_to_end() == 143
    assert "Traceback" not in terminal.text


def test_no_command_on_a_terminal_is_the_interactive_mode(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.read_until("Stage 1 is done")
    os.write(terminal.handle, b"\x1b[A\r")  # one up from the first line is the last: quit
    assert terminal.read_to_end() == 0
    assert f"resume {only_run(tmp_path / 'data')}" in terminal.text
