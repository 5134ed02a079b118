"""Numerical tools that several kinds of estimators share."""
