"""What must be fast, against what: one module per row, each figure a ratio of two things measured in turn. See `__main__`."""
