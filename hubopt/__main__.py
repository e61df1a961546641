"""``python -m hubopt`` is the command line."""

import sys


def main() -> None:
    """Run the command line; Ctrl-C while its modules load ends it without a traceback."""
    try:
        from hubopt.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; nothing was written\n")
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
