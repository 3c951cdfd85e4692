"""make prove: all proofs, on servers of their own; name files (`prove_keys.py`) or `-k words` for some of them."""

import os
import sys

import pytest

from config import embedded

HERE = "tests/proofs"


def main(asked: list[str]) -> int:
    """Run the proofs, print the table, write build/prove.json if all were asked for; 0 only if every one holds."""
    os.environ["HARBOUR_INSECURE_LOCAL"] = "1"
    if embedded.state().name != "prove":
        os.environ["HARBOUR_STATE"] = str(embedded.state() / "prove")
    files = [f"{HERE}/{word}" if word.startswith("prove_") else word for word in asked]
    os.environ["HARBOUR_PROVE"] = "part" if any(word == "-k" or word.startswith("prove_") for word in asked) else "whole"
    place = [] if any(word.startswith(HERE) for word in files) else [HERE]
    return int(pytest.main(["-q", "-o", "python_files=prove_*.py", *place, *files]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
