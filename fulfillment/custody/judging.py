"""Everything one event must satisfy to be kept. Nothing here looks at where a parcel or box is now: scans come in any order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core import i18n
from core.permissions import Actor
from fulfillment.consignments.models import ParcelStatus

from .authority import check_authority, check_place
from .locking import Goods
from .models import Action
from .places import Places
from .times import corrected, parse
from .upload import Fact, ScanEvent, Wrong, named_in

PACKED = "pack:"  # begins the event ids of packing, which no device may use
OF_BOXES = (Action.LOAD, Action.UNLOAD, Action.RECEIVE, Action.UNSTOW, Action.DISPATCH)  # the rest is of one parcel at a time
NOT_SCANNABLE = i18n.marked(
    {ParcelStatus.EXPECTED: ("not_packed", "这件还没打包"), ParcelStatus.CANCELLED: ("cancelled", "这一单已经取消，不要发出")}
)


def device_of(event: ScanEvent, actor: Actor) -> str:
    """Whose clock and sequence it is; a browser without a name of its own is its user's."""
    return event.device or actor.device or f"web:{actor.user_code}"


@dataclass(frozen=True)
class Judge:
    """`offsets` are how far ahead each device's clock is, `used` the sequence numbers devices have used, and for which event."""

    actor: Actor
    goods: Goods
    places: Places
    received: datetime
    offsets: Mapping[str, timedelta]
    used: dict[tuple[str, int], str]
    shelved: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)  # what waits for its receiver: at which station, since when

    def understand(self, event: ScanEvent) -> Fact:
        """Raises Wrong."""
        if event.action not in set(Action) or event.action == Action.PACK:
            raise Wrong("action_unknown", "没有这个动作；打包请在打包页做")
        if event.id.startswith(PACKED):
            raise Wrong("id_reserved", "扫码的编号不能用 pack: 开头")
        parcel, box = named_in(event)
        self._check_goods(event, parcel, box)
        if event.by and event.by != self.actor.user_code:
            raise Wrong("by_unknown", "扫码人不是登录的人")
        if self.actor.device and event.device and event.device != self.actor.device:
            raise Wrong("device_unknown", "设备和令牌对不上")
        if event.device and event.seq and self.used.setdefault((event.device, event.seq), event.id) != event.id:
            raise Wrong("seq_reused", "这台设备的这个序号已经用过")
        check_place(event.action, event.place, self.places)
        check_authority(self.actor, event.action, event.place, self.places)
        word_counts = self.actor.has("dispatcher")  # it stands in the scans with their name
        if event.action == Action.DELIVER and parcel in self.shelved and not word_counts:
            raise Wrong("pickup_code_needed", "这件在货架上，凭取件码在取件页交给来人")
        offset = self.offsets.get(device_of(event, self.actor), timedelta(0))
        since = self.goods.parcels[parcel].packed_at if parcel else None
        at, flags = corrected(parse(event.at), offset, self.received, since=since)
        if event.action == Action.STOW and self._is_on_shelf(parcel, event.place, at):
            raise Wrong("on_shelf", "这件在货架上等人来取，不能再装箱")
        return Fact(event, parcel, box, at, flags)

    def _is_on_shelf(self, parcel: str, place: str, at: datetime) -> bool:
        """Told late of the time before it came, it may have been in a box."""
        station, since = self.shelved.get(parcel, ("", at))
        return bool(station) and place == station and at >= since

    def _check_goods(self, event: ScanEvent, parcel: str, box: str) -> None:
        if event.box and event.action != Action.STOW:
            raise Wrong("box_not_asked", "只有装箱时才写箱号")
        if event.action == Action.STOW and not (parcel and box):
            raise Wrong("box_needed", "装箱要一个箱码和一个包裹码")
        if not parcel and not box:
            raise Wrong("not_a_parcel_code", "这不是包裹码，或者有一位读错了")
        if parcel:
            self._check_parcel(parcel)
        if box and box not in self.goods.boxes:
            raise Wrong("box_unknown", "没有这个周转箱")
        if box and not parcel and event.action not in OF_BOXES:
            raise Wrong("not_for_boxes", "这个动作要一件一件扫，不能扫整箱")
        if box and parcel and self.goods.boxes[box].tier != self.goods.parcels[parcel].tier:
            raise Wrong("box_tier", "这件的温层和箱子不一样，不能装在一起")

    def _check_parcel(self, parcel: str) -> None:
        if parcel not in self.goods.parcels:
            raise Wrong("parcel_unknown", "没有这个包裹")
        if refusal := NOT_SCANNABLE.get(ParcelStatus(self.goods.parcels[parcel].status)):
            raise Wrong(*refusal)
