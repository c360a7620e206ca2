"""Shapes in, graph out: functions on frames that leave their input untouched."""
