"""Whole stories on real parts: store, database, mail, processes."""
