"""Who goes to the doors of a node holds what is on the way there: named after the node, as a departure is by its own code.

The names are the rounds' of `fulfillment.network.models.DoorRound`: one to a node.
"""

DOOR = "-door"


def door_code(node: str) -> str:
    """`nh-xiancheng-door` takes parcels from `nh-xiancheng` to the doors it serves."""
    return f"{node}{DOOR}"


def node_of_door(place: str) -> str:
    """The node whose doors a place goes to; empty for any other place."""
    return place.removesuffix(DOOR) if place.endswith(DOOR) else ""
