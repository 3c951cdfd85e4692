"""The desk of an embassy officer, and the page where anybody checks a paper."""
