"""Deliberately broken engines, and which test notices each (test_mutants.py)."""
