"""Who may say what about whom: a driver of own lines, a station of itself, a carrier of its trunks, the hub's people of the county.

What somebody may say is kept; whether it can be true of the parcel is the chain's to judge.
"""

from core.permissions import Actor

from .doors import door_code
from .models import Action
from .places import Places
from .upload import Wrong

ANYWHERE = ("dispatcher", "sorter")
WITH_BOXES = (Action.STOW, Action.UNSTOW)
ALONG_THE_ROAD = (Action.LOAD, Action.UNLOAD, Action.LOSE, *WITH_BOXES)
AT_THE_DOOR = (Action.LOAD, Action.DELIVER, Action.LOSE)


def check_place(action: str, place: str, places: Places) -> None:
    """The place must be of the kind the action happens at. Raises Wrong."""
    known = {
        Action.LOAD: places.departures.keys() | places.doors.keys(), Action.UNLOAD: places.nodes, Action.RECEIVE: places.nodes,
        Action.RETURN: places.nodes, Action.DISPATCH: places.trunks,
    }.get(Action(action))  # fmt: skip
    if action in WITH_BOXES and place not in places.nodes and place not in places.departures:
        raise Wrong("place_unknown", "装箱、拆箱要写站点或班次的编号")
    if known is not None and place not in known:
        raise Wrong("place_unknown", "这个动作要写班次、站点或干线的编号")
    if known is None and place and place not in places.nodes and not in_motion(place, places):
        raise Wrong("place_unknown", "没有这个地方")


def in_motion(place: str, places: Places) -> bool:
    return place in places.departures or place in places.trunks or place in places.doors


def check_authority(actor: Actor, action: str, place: str, places: Places) -> None:
    """Raises Wrong when this caller may not scan this here."""
    if actor.has(*ANYWHERE):
        return
    if place in places.doors and action in AT_THE_DOOR and _goes_to(actor, place, places.doors[place]):
        return
    if actor.has("driver") and action in ALONG_THE_ROAD:
        lines = actor.scopes("driver")
        if action == Action.UNLOAD and door_code(place) in lines:  # brought back from a door
            return
        if action == Action.UNLOAD or place in places.nodes:
            if any(place in places.stops_of_line(line) for line in lines):
                return
        elif places.departures.get(place) in lines:
            return
        raise Wrong("not_your_trip", "这不是你的班次")
    if actor.has("master", "helper", "merchant"):
        stations = actor.scopes("master", "helper", "merchant")
        if place in stations or (action == Action.LOAD and stations & places.stops_of_line(places.departures.get(place, ""))):
            return
        if action in (Action.DELIVER, Action.LOSE) and not place:
            raise Wrong("place_needed", "请写明是哪个站")
    if actor.has("partner"):
        if action in (Action.DELIVER, Action.LOSE) and places.trunks.get(place) in actor.scopes("partner"):
            return
        if action == Action.RETURN and place in places.hubs:
            return
    raise Wrong("not_yours", "这里不归你扫")


def _goes_to(actor: Actor, door: str, node: str) -> bool:
    """Who goes to the doors of a node: the courier of its round, or its own people."""
    return door in actor.scopes("driver") or node in actor.scopes("master", "helper", "merchant")
