"""``python -m hubopt`` is the command line."""

import sys


def main() -> None:
    """Run the command line; Ctrl-C while its modules load ends it without a traceback."""
    try:
        from hubopt.cli import main as run

        run()
    except KeyboardInterrupt:
        print("interrupted; nothing was written", file=sys.stderr)
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
