"""Compiled inner loops: arrays and numbers only, no objects, no clock. All release the interpreter lock."""
