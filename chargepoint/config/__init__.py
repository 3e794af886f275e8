"""The configuration file: one TOML file, environment variables over it, `--set` over both."""

from chargepoint.config.driver import Driver
from chargepoint.config.load import Loaded, load
from chargepoint.config.problem import ConfigurationError, Origin, Problem
from chargepoint.config.schema import Configuration

__all__ = ["Configuration", "ConfigurationError", "Driver", "Loaded", "Origin", "Problem", "load"]
