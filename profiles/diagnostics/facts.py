"""What becomes of uploads of logs."""

from chargepoint.station.facts import Fact


class LogStatusReported(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """How far the upload of a log is. status: 2.x UploadLogStatusEnumType. request_id: of the upload, None = there is none (N01)."""

    status: str
    request_id: int | None = None


class DiagnosticsStatusReported(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """How far the upload of diagnostics is, which 1.6 tells apart. status: 1.6 DiagnosticsStatus."""

    status: str
