"""`python -m gateway` is the command `gatewright`."""

from gateway.cli import main

if __name__ == "__main__":
    main(prog_name="gatewright")
