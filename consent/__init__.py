"""The client's consent: its record, its rules, and the ways it arrives."""
