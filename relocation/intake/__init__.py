"""Referrals from spreadsheets and forms: read, judged and compared in memory; nothing here saves anything."""
