"""``python -m hubopt`` is the command line."""

from hubopt.cli import main

if __name__ == "__main__":
    main()
