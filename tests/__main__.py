"""All tests, in two halves side by side, each with servers and databases of its own: `make test`."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from config import embedded

HERE = Path(__file__).parent
FIRST = ("accounts", "browser", "danger", "desk")  # much of it waits for browsers
SECOND = "second"  # where the other half keeps its state
PYTEST = (sys.executable, "-m", "pytest", "-q")


def folders() -> list[str]:
    """Every folder that holds tests."""
    return sorted({path.parent.relative_to(HERE).parts[0] for path in HERE.glob("*/**/test_*.py")})


def main() -> int:
    """Run both; what the second says is kept until the first has said all. The worse of their answers."""
    first = [f"tests/{name}" for name in folders() if name in FIRST]
    second = [f"tests/{name}" for name in folders() if name not in FIRST]
    apart = os.environ | {"HARBOUR_STATE": str(embedded.state() / SECOND)}
    with tempfile.TemporaryFile("w+") as kept:
        beside = subprocess.Popen([*PYTEST, *second], env=apart, stdout=kept, stderr=subprocess.STDOUT)
        ended = subprocess.run([*PYTEST, *first], check=False).returncode
        other = beside.wait()
        kept.seek(0)
        sys.stdout.write(kept.read())
    return max(ended, other)


if __name__ == "__main__":
    sys.exit(main())
