"""Where the OCPP versions truly differ in what a station does: each difference has one name here.

Services ask the policy, never the version.
"""

import msgspec


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of one OCPP version.

    version: for display only; no rule may branch on it.
    fixed_start_points, fixed_stop_points: transaction points that the version prescribes; None = configured (2.x TxStartPoint).
    detailed_connector_status: the CSMS is told every stage of a session in the connector status (1.6 Preparing, SuspendedEV …).
    announce_status_of_station: the station as a whole has a status of its own (1.6 connector 0).
    ended_samples_follow_updates: values for the end of a transaction are taken as often as periodic ones (1.6 StopTxnSampledData).
    unlock_ends_transaction: UnlockConnector ends a running transaction first (1.6 §5.18); else it is refused (2.x F05.FR.02).
    no_boot_trigger_once_accepted: a triggered BootNotification is refused after acceptance (2.x F06.FR.17).
    resync_all_statuses: every status is told after each outage, however short.
    """

    version: str
    fixed_start_points: tuple[str, ...] | None = None
    fixed_stop_points: tuple[str, ...] | None = None
    detailed_connector_status: bool = False
    announce_status_of_station: bool = False
    ended_samples_follow_updates: bool = False
    unlock_ends_transaction: bool = False
    no_boot_trigger_once_accepted: bool = True
    resync_all_statuses: bool = False


POLICY_16 = Policy(
    version="1.6",
    fixed_start_points=("PowerPathClosed",),
    fixed_stop_points=("Authorized", "EVConnected"),
    detailed_connector_status=True,
    announce_status_of_station=True,
    ended_samples_follow_updates=True,
    unlock_ends_transaction=True,
    no_boot_trigger_once_accepted=False,
    resync_all_statuses=False,
)
POLICY_201 = Policy(version="2.0.1")
POLICY_21 = Policy(version="2.1")
