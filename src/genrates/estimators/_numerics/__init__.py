"""Numerical tools that several rows of estimators share."""
