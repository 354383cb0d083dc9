"""What `add` is asked to read."""

from __future__ import annotations

TYPE_CHECKING = False


class ReadRequest:
    """A source as the user named it, with what he allows and says of it.

    Attributes:
        source: What was typed: a path, or the name of an installed distribution.
        path: The absolute path that it is, or "" where no such path exists.
        build: Whether the project's own build backend may be run for its metadata.
        python: An environment's interpreter or folder to look distributions up in, or "" for
            this one.
        group: The host's group for a bare module, or "".
        name: The entry point's name for a bare module, or "".
        home: The folder of the layer that the project is for, or "" for the user's: code that a
            source unpacks lies below it.
    """

    __slots__ = ("build", "group", "home", "name", "path", "python", "source")

    def __init__(
        self,
        source: str,
        path: str = "",
        *,
        build: bool = False,
        python: str = "",
        group: str = "",
        name: str = "",
        home: str = "",
    ) -> None:
        self.source = source
        self.path = path
        self.build = build
        self.python = python
        self.group = group
        self.name = name
        self.home = home
