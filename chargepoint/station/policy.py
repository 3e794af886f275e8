"""Where the OCPP versions truly differ in what a station does: each difference has one name here.

Services ask the policy, never the version.
"""

import msgspec


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of one OCPP version.

    version: for display only; no rule may branch on it.
    fixed_start_points, fixed_stop_points: transaction points that the version prescribes; None = configured (2.x TxStartPoint).
    final_statuses: the connector keeps telling of the session after the transaction (1.6 Finishing), Preparing, SuspendedEV …
    heartbeat_silence: any message resets the heartbeat interval (2.x G02.FR.06) or only heartbeats do.
    boot_pending_allows_requests: while Pending the CSMS may have the station send what it triggers.
    retry_multiplies_by_attempts: waiting time of transaction messages grows with the number of attempts.
    remote_start_needs_parent: …
    """

    version: str
    fixed_start_points: tuple[str, ...] | None = None
    fixed_stop_points: tuple[str, ...] | None = None
    detailed_connector_status: bool = False
    announce_status_of_station: bool = False
    remote_start_without_connector: bool = True
    local_token_kind: str | None = None


POLICY_16 = Policy(
    version="1.6",
    fixed_start_points=("PowerPathClosed",),
    fixed_stop_points=("Authorized", "EVConnected"),
    detailed_connector_status=True,
    announce_status_of_station=True,
)
POLICY_201 = Policy(version="2.0.1")
POLICY_21 = Policy(version="2.1")
