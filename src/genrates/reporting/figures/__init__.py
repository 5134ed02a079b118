"""Figures of an experiment, one module for each kind.

Each has a function `draw(experiment)`, which returns figures by name.
"""
