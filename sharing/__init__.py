"""Sharing: who may hear which recording, when, and what was heard."""
