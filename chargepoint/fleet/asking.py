"""Answers what the controller asks of a shard's stations: the verbs of `fleet.verbs`, for one station, for all or for a share of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from chargepoint.api.agent import RefusalReason, VerbRefused
from chargepoint.fleet.load.load import position
from chargepoint.fleet.messages import ALL, Answer
from chargepoint.fleet.verbs import FLEET_VERBS, OWN, CutLink

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chargepoint.fleet.member import Member
    from chargepoint.fleet.messages import Ask
    from chargepoint.fleet.shard import Shard

LIST = "list"


def answer_of(shard: Shard, ask: Ask) -> Answer:
    """Do what is asked. One station: its answer, or why not. All: how many did it, and why others did not, by reason."""
    try:
        if ask.verb == LIST:
            body: Any = _page(shard, ask.arguments)
        elif ask.station == ALL:
            body = _all(shard, ask)
        else:
            one = shard.member_of(ask.station)
            body = _do(one, ask) if one is not None else None
    except (VerbRefused, msgspec.ValidationError) as refusal:
        reason = refusal.reason if isinstance(refusal, VerbRefused) else RefusalReason.WRONG_ARGUMENT
        return Answer(id=ask.id, shard=shard.number, error=str(refusal), reason=reason.value)
    return Answer(id=ask.id, shard=shard.number, body=body)


def _page(shard: Shard, arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Those of this shard whose index in the fleet is one of `limit` from `offset` on."""
    begin, end = arguments["offset"], arguments["offset"] + arguments["limit"]
    return [_brief(member) for member in shard.members if begin <= member.plan.index < end]


def _all(shard: Shard, ask: Ask) -> dict[str, Any]:
    done, refused = 0, dict[str, int]()
    for member in shard.members:
        if ask.share < 1.0 and position(member.plan.index) >= ask.share:
            continue
        try:
            _do(member, ask)
        except VerbRefused as refusal:
            refused[str(refusal)] = refused.get(str(refusal), 0) + 1
        else:
            done += 1
    return {"done": done, "refused": refused}


def _do(member: Member, ask: Ask) -> Any:
    verb = FLEET_VERBS.get(ask.verb)
    if verb is None:
        raise VerbRefused(
            RefusalReason.UNKNOWN_VERB, f"there is no verb {ask.verb!r}; there are: {', '.join(FLEET_VERBS)}"
        )
    arguments = msgspec.convert(dict(ask.arguments), verb.arguments)
    if verb.name in OWN:
        _do_own(member, verb.name, arguments)
        return {}
    if verb.name == "describe":
        return _described(member)
    if member.agent is None:
        raise VerbRefused(RefusalReason.NOT_READY, "the station is switched off; switch it on with power-on")
    return member.agent.verb(verb.name, arguments)


def _do_own(member: Member, name: str, arguments: msgspec.Struct) -> None:
    match name:
        case "power-on":
            member.shard.switch_on(member)
        case "power-off":
            member.power_off()
        case "restart":
            if not member.on:
                raise VerbRefused(RefusalReason.NOT_NOW, "the station is switched off; switch it on with power-on")
            member.restart()
        case "cut-link":
            member.cut_link(arguments.for_second if isinstance(arguments, CutLink) else None)
        case "restore-link":
            member.restore_link()


def _described(member: Member) -> dict[str, Any]:
    described: dict[str, Any] = {**_brief(member)}
    if member.agent is not None:
        described.update(msgspec.to_builtins(member.agent.describe()))
    return described


def _brief(member: Member) -> dict[str, Any]:
    agent, plan = member.agent, member.plan
    link = agent.link if agent is not None else None
    return {
        "index": plan.index,
        "id": plan.id,
        "group": plan.group.name,
        "template": plan.template.name,
        "on": member.on,
        "connected": link is not None and link.connected,
    }
