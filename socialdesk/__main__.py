"""`python -m socialdesk`: the same as the `socialdesk` command."""

from socialdesk.cli import main

if __name__ == "__main__":
    main()
