"""The proofs: every promise tried, with a figure; `make prove` runs them all, `make test` none."""
