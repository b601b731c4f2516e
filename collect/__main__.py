"""`python -m collect` is the command `collect`."""

from collect.cli import main

if __name__ == "__main__":
    main()
