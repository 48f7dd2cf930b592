"""Fitting, evaluation and the annotation format; not needed at run time."""
