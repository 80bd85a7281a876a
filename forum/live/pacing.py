"""How fast one person may send over their lines, all together; whoever is faster hears that they should wait a little."""

from collections import OrderedDict

from forum.base.pace import Pace

#: Quick writers of short lines stay below; ten at once is somebody whose words waited while they were offline.
A_SECOND, BURST = 1.0, 10.0
#: People whose pace is remembered; who wrote longest ago is forgotten first, and begins anew.
REMEMBERED = 5000

_paces: OrderedDict[bytes, Pace] = OrderedDict()


def seconds_to_wait(persona_id: bytes) -> float:
    """0 when they may send now, which counts; else in how many seconds."""
    pace = _paces.get(persona_id)
    if pace is None:
        pace = _paces[persona_id] = Pace(A_SECOND, BURST)
        if len(_paces) > REMEMBERED:
            _paces.popitem(last=False)
    _paces.move_to_end(persona_id)
    return pace.try_take(1.0)
