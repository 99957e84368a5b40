"""Write golden.json anew and tell what moved. Only after a deliberate change of the rules, and with the reason in the commit:

.venv/bin/python -m tests.golden.update
"""

import json
import sys

from tests.conftest import ROOT
from tests.golden.cases import CASES
from tests.golden.fingerprints import GOLDEN_FILE, differences, fingerprint, read_golden, run_case


def main() -> None:
    """Run every case on the candles in ../shared/data."""
    folder = ROOT.parent / "shared" / "data" / "candles"
    old = read_golden() if GOLDEN_FILE.is_file() else {}
    new = {name: fingerprint(run_case(name, folder)) for name in CASES}
    for name in {**old, **new}:
        moved = ["gone"] if name not in new else list(differences(old[name], new[name])) if name in old else ["new"]
        if moved:
            sys.stdout.write(f"{name}\n    " + "\n    ".join(moved) + "\n")
    GOLDEN_FILE.write_text(json.dumps(new, indent=2) + "\n", encoding="utf8")


if __name__ == "__main__":
    main()
