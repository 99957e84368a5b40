"""Write golden.json anew. Only after a deliberate change of the rules, and with the reason in the commit:

.venv/bin/python -m tests.golden.update
"""

import json

from tests.conftest import ROOT
from tests.golden.cases import CASES, GOLDEN_FILE, fingerprint, run


def main() -> None:
    """Run every case on the candles in ../shared/data."""
    folder = ROOT.parent / "shared" / "data" / "candles"
    found = {name: fingerprint(run(case, folder)) for name, case in CASES.items()}
    GOLDEN_FILE.write_text(json.dumps(found, indent=2) + "\n", encoding="utf8")


if __name__ == "__main__":
    main()
