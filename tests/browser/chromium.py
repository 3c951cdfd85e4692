"""The browser of the tests: a Chromium of the system, which `make test` installs where it may."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = (
    "The browser tests need Chromium, and none was found. Install it (Debian: apt-get install chromium; Fedora: dnf "
    "install chromium; elsewhere: Google Chrome will do), or set HARBOUR_CHROMIUM to the path of its program."
)


def find() -> str | None:
    """Return the path of HARBOUR_CHROMIUM, or of the first browser on the PATH; None when there is none."""
    if given := os.environ.get("HARBOUR_CHROMIUM"):
        return shutil.which(given)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> None:
    """Install Debian's package when we may; raise `SystemExit` with advice otherwise."""
    if os.geteuid() != 0 or not shutil.which("apt-get") or os.environ.get("HARBOUR_CHROMIUM"):
        raise SystemExit(ADVICE)
    print("Installing Chromium for the browser tests (apt-get, once)", flush=True)
    for words in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        done = subprocess.run(
            ["apt-get", "-q", *words],
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{done.stdout[-2000:]}\n{ADVICE}")


def main() -> None:
    """Make sure that there is a browser."""
    if not find():
        install()
    if not find():
        sys.exit(ADVICE)


if __name__ == "__main__":
    main()
