"""Wires the parts into one application: settings, adapters, workers, command line, demo."""
