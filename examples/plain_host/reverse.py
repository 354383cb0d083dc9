# /// script
# requires-python = ">=3.11"
#
# [tool.plugreg]
# group = "texttool.filters"
# name = "reverse"
# attribute = "reverse"
# ///
"""Turns a text round: a plug-in in one file, which says its host itself."""

from __future__ import annotations


def reverse(text: str) -> str:
    """Return the text from its end to its beginning."""
    return text[::-1]
