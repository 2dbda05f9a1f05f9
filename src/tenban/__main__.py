"""``python -m tenban`` and the ``tenban`` command."""

from tenban.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
