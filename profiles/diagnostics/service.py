"""The rules of diagnostics: this station's logs are read by its owner, not by the CSMS, so it never has an upload to tell of."""

from typing import TYPE_CHECKING

from profiles.diagnostics.facts import DiagnosticsStatusReported, LogStatusReported
from profiles.service import BlockService

if TYPE_CHECKING:
    pass


class DiagnosticsService(BlockService):
    """Functional block N, uploads."""

    __slots__ = ()

    def log_status(self) -> LogStatusReported:
        """How far the upload is: without one, Idle (F06.FR.15; 1.6 security extension §6.18)."""
        return LogStatusReported(status="Idle")

    def diagnostics_status(self) -> DiagnosticsStatusReported:
        """How far the upload of diagnostics is (1.6 §4.4)."""
        return DiagnosticsStatusReported(status="Idle")
