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
    station_change_includes_connectors: a station that is made operative makes all its connectors so, whatever was said of one (1.6 §5.2);
    in 2.x each has its own state (G03, G04).
    idle_connectors_of_busy_evse_unavailable: the connectors beside the one in use are told as Unavailable, where the CSMS does not know
    what belongs together (1.6); 2.x says nothing of them (G01.FR.08).
    reservation_used_by_presenting: a reservation is used up when its token is presented (2.x H03.FR.09); else when the transaction starts,
    and whoever does not plug in in time keeps it (1.6 §5.13).
    remote_start_names_group: a remote start says what group the driver is of, and is refused when that has no reservation (2.x F01.FR.22);
    in 1.6 it is found out when he is authorized (§5.13).
    triggered_values_are_sampled: triggered MeterValues are those of MeterValuesSampledData (1.6 errata 3.46); in 2.x those of
    AlignedDataMeasurands (F06.FR.06).
    empty_measurands_mean_energy: where the list of what is told on the way is empty, the register is told (1.6 §9.1.17, TC_070_CS,
    TC_071_CS); in 2.x nothing is.
    unlock_ends_transaction: UnlockConnector ends a running transaction first (1.6 §5.18); else it is refused (2.x F05.FR.02).
    silent_while_rejected: a station that the CSMS has rejected answers nothing that it asks (1.6 §4.2); in 2.x it answers that this is a
    security error (B03.FR.08).
    tells_transaction_limits: the CSMS is told of each limit that is set for a transaction (2.1 E16.FR.01, E16.FR.03).
    gives_up_disconnected_vehicle: who may come back after unplugging at the vehicle has EVConnectionTimeOut for it, where the cable is
    fixed (2.x E10.FR.02); in 1.6 he has any time (1.6 §9.1.23).
    maximum_token_characters: a longer token cannot be told to the CSMS (1.6 §7.28 CiString20; 2.0.1 36; 2.1 255).
    asks_only_within_groups: where no EVSE is free, the CSMS is asked about a token only when a session has a group that it could belong to
    (1.6 TC_068_CS); 2.x asks about each (TC_C_04_CS).
    open_token_kinds: tokens may be of kinds that no list of the version holds (2.1 IdTokenEnumStringType).
    listed_tokens_are_not_cached: the authorization cache keeps nothing of tokens in the local list (1.6 §3.5.3); 2.x keeps all (C10.FR.01).
    root_in_use_is_kept: the root certificate that vouches for the present connection cannot be deleted (1.6 security M04.FR.06); in 2.x the
    CSMS may delete every one (M04).
    profiles_replace_by_level: a charging profile takes the place of the one with its purpose and stack level (1.6 §5.16.3); in 2.x it is
    refused beside it (K01.FR.06, K01.FR.39, K01.FR.52, K01.FR.53).
    schedules_may_lack_start: an absolute schedule without a start counts from the start of charging (1.6 §7.13), and the limit of the
    station may be relative; in 2.x neither is taken (K01.FR.38, K01.FR.40).
    profile_may_name_no_transaction: a TxProfile is then for whichever is running (1.6 §7.8); in 2.x it names one (K01.FR.03).
    transaction_profile_excludes_default: a transaction with a TxProfile is under no TxDefaultProfile, even when the TxProfile says nothing
    (1.6 §3.13.1, TC_066_CS); in 2.x it then falls back to the default (K02.FR.08).
    profile_id_alone_clears: ClearChargingProfile with an id looks at nothing else (2.x K10.FR.03); in 1.6 all that is named must be met
    (errata 3.25).
    phases_of_dc_refused: a profile that chooses phases is not for a DC EVSE (2.1 K01.FR.44); before, that was ignored.
    message_is_cached: the driver's personal message is kept with his token (2.1 C10.FR.14); in 2.0.1 it may be a tariff (C10.FR.09).
    """

    version: str
    fixed_start_points: tuple[str, ...] | None = None
    fixed_stop_points: tuple[str, ...] | None = None
    detailed_connector_status: bool = False
    announce_status_of_station: bool = False
    ended_samples_follow_updates: bool = False
    station_change_includes_connectors: bool = False
    idle_connectors_of_busy_evse_unavailable: bool = False
    reservation_used_by_presenting: bool = True
    remote_start_names_group: bool = True
    triggered_values_are_sampled: bool = False
    empty_measurands_mean_energy: bool = False
    unlock_ends_transaction: bool = False
    silent_while_rejected: bool = False
    tells_transaction_limits: bool = False
    gives_up_disconnected_vehicle: bool = True
    maximum_token_characters: int = 36
    open_token_kinds: bool = False
    asks_only_within_groups: bool = False
    listed_tokens_are_not_cached: bool = False
    root_in_use_is_kept: bool = False
    profiles_replace_by_level: bool = False
    schedules_may_lack_start: bool = False
    profile_may_name_no_transaction: bool = False
    transaction_profile_excludes_default: bool = False
    profile_id_alone_clears: bool = True
    phases_of_dc_refused: bool = False
    message_is_cached: bool = False


POLICY_16 = Policy(
    version="1.6",
    fixed_start_points=("PowerPathClosed",),
    fixed_stop_points=("Authorized",),  # which unplugging revokes, unless it is to be survived (1.6 §9.1.23)
    detailed_connector_status=True,
    announce_status_of_station=True,
    ended_samples_follow_updates=True,
    station_change_includes_connectors=True,
    idle_connectors_of_busy_evse_unavailable=True,
    reservation_used_by_presenting=False,
    remote_start_names_group=False,
    triggered_values_are_sampled=True,
    empty_measurands_mean_energy=True,
    unlock_ends_transaction=True,
    silent_while_rejected=True,
    gives_up_disconnected_vehicle=False,
    maximum_token_characters=20,
    asks_only_within_groups=True,
    listed_tokens_are_not_cached=True,
    profiles_replace_by_level=True,
    schedules_may_lack_start=True,
    profile_may_name_no_transaction=True,
    transaction_profile_excludes_default=True,
    profile_id_alone_clears=False,
    root_in_use_is_kept=True,
)
POLICY_201 = Policy(version="2.0.1")
POLICY_21 = Policy(
    version="2.1",
    tells_transaction_limits=True,
    maximum_token_characters=255,
    open_token_kinds=True,
    phases_of_dc_refused=True,
    message_is_cached=True,
)
POLICIES = {policy.version: policy for policy in (POLICY_16, POLICY_201, POLICY_21)}
