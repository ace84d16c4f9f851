"""Checks of a UBL file, whoever wrote it. Elements are named as in the annex."""
