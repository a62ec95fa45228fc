"""Figures, as commands that print ratios: `python -m benchmarks [--only METRIC]`."""
