"""Secrets: the configuration says where they are, never what they are."""

import os
from collections.abc import Mapping
from pathlib import Path

from chargepoint.config.problem import ConfigurationError, Problem
from chargepoint.config.schema import Configuration


def csms_password(configuration: Configuration, environ: Mapping[str, str] | None = None) -> str | None:
    """The password for the CSMS; None where the security profile asks for none.

    Raises: ConfigurationError when the profile needs one (OCPP 2.0.1 A00.FR.202, A00.FR.302) and there is none.
    """
    csms = configuration.csms
    environ = os.environ if environ is None else environ
    password = _secret(csms.password_file, csms.password_env, "csms.password_file", environ)
    profile = csms.security_profile  # where it is not configured, it is 1 or 2 only because there is a password
    if password is None and profile in (1, 2):
        sentence = f"security profile {profile} needs a password: set csms.password_file, or the environment variable {csms.password_env}"
        raise ConfigurationError(Problem(sentence))
    return password


def control_token(configuration: Configuration, environ: Mapping[str, str] | None = None) -> str | None:
    """The bearer token of the control API, None where there is none.

    Raises: ConfigurationError when its file cannot be read.
    """
    control = configuration.control
    environ = os.environ if environ is None else environ
    return _secret(control.token_file, control.token_env, "control.token_file", environ)


def _secret(file: str | None, variable: str, key: str, environ: Mapping[str, str]) -> str | None:
    if file is None:
        return environ.get(variable) or None
    try:
        text = Path(file).read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigurationError(Problem(f"{key}: {file} cannot be read: {reason}")) from None
    secret = text.removesuffix("\n").removesuffix("\r")
    if not secret:
        raise ConfigurationError(Problem(f"{key}: {file} is empty"))
    return secret
