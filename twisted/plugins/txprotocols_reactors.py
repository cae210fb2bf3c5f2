"""What C{twistd --reactor} offers of txprotocols; imported only when chosen."""

from twisted.application.reactors import Reactor

lean = Reactor(
    "lean",
    "protocols.lean.reactor",
    "epoll(7) with transports that send once a turn: echo at the speed of uvloop.",
)
