"""Retention: what is due, when, and the one gate by which anything is destroyed."""
