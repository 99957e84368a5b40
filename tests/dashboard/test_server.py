"""The server listens on this machine only, finds a port, and stops when it is told to."""

import contextlib
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from core.errors import ConfigError
from core.run_folder import RunFolder
from dashboard.server import DashboardServer, find_free_port, open_listener
from tests.conftest import ROOT
from tests.dashboard.sample_run import RUN_ID
from tests.patience import PATIENCE_SECONDS


def test_pages_are_served_to_who_signed_in(server: DashboardServer) -> None:
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with opener.open(server.sign_in_address(), timeout=PATIENCE_SECONDS) as answer:
        assert answer.status == 200
    with opener.open(f"{server.address}runs/{RUN_ID}/", timeout=PATIENCE_SECONDS) as answer:
        assert "Server" not in answer.headers
        assert RUN_ID in answer.read().decode()


def test_it_listens_on_the_loopback_address_only(server: DashboardServer) -> None:
    with open_listener(0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"
    assert server.address.startswith("http://127.0.0.1:")


def test_taken_port_leads_to_the_next_free_one() -> None:
    with open_listener(0) as first:
        taken = first.getsockname()[1]
        with open_listener(taken) as second:
            assert second.getsockname()[1] > taken
        assert find_free_port(taken) > taken


@pytest.mark.parametrize("port", [-1, 65_536])
def test_impossible_ports_are_refused(port: int) -> None:
    with pytest.raises(ConfigError, match="port ="):
        open_listener(port)


def listening_sockets(process: int) -> list[tuple[str, int]]:
    """Return the addresses and ports on which a process listens."""
    own, found = set(), []
    for handle in Path(f"/proc/{process}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed by now: a server opens and closes files as it pleases
            own.add(os.readlink(handle))
    for name in ("tcp", "tcp6", "udp", "udp6"):
        rows = (line.split() for line in Path(f"/proc/{process}/net/{name}").read_text().splitlines()[1:])
        listeners = [row for row in rows if f"socket:[{row[9]}]" in own and (row[3] == "0A" or name.startswith("udp"))]
        found += [(row[1].partition(":")[0], int(row[1].partition(":")[2], 16)) for row in listeners]
    return sorted((".".join(str(byte) for byte in bytes.fromhex(ip)[::-1]) if len(ip) == 8 else ip, port) for ip, port in found)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
def test_it_listens_here_only_and_an_interrupt_ends_it_cleanly(finished: RunFolder) -> None:
    code = (
        "import sys; from pathlib import Path; from core.paths import Paths; from dashboard.options import DashboardOptions;"
        "from dashboard.server import serve;"
        "serve(Paths.under(Path(sys.argv[1])), DashboardOptions(port=0), on_address=lambda address: print(address, flush=True));"
        "print('ended', flush=True)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(finished.paths.data.parent)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        listening = listening_sockets(process.pid)
        seen_by_all = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        os.kill(process.pid, signal.SIGINT)
        said = process.stdout.read()
    site, _, token = address.partition("sign-in?token=")
    assert listening == [("127.0.0.1", int(site.strip("/").rpartition(":")[2]))]
    assert token.encode() not in seen_by_all
    assert said == "ended\n"
    assert process.returncode == 0
