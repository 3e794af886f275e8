"""`python -m chargepoint`."""

from chargepoint.cli import main

if __name__ == "__main__":
    main()
