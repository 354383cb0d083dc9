"""Damaged files by the thousand, read every way, each in bounded time and memory."""
