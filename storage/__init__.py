"""Sealing, keys and objects."""
