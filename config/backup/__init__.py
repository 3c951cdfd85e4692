"""Backups: what lies in them, how they are made, checked and brought back."""
