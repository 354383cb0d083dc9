"""Tests of one family of formats."""
