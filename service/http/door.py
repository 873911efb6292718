"""A listening socket that lets nobody new begin: the calm in which the last ones who stand there can be taken in before it is closed.

Closing a listening socket resets whoever shook hands with the kernel and was not accepted yet, and between the last accept and the close there is
always a moment. Linux lets a socket filter stand before it: packets that begin a connection are dropped, so that their sender tries again (a second
later, by TCP's own rule) and then finds the door closed; packets of those that began before still pass.
"""

from __future__ import annotations

import ctypes
import struct
import sys
from typing import Any

# linux/socket.h and asm-generic/socket.h: Internet sockets of both kinds; the level and the name of the option.
_INTERNET = (2, 10)
_SOL_SOCKET, _SO_ATTACH_FILTER = 1, 26
# Classic BPF over the TCP header, (code, jump if true, jump if false, value): byte 13 holds the flags, of which 2 is SYN (linux/filter.h, RFC 9293).
_NO_SYN = (
    (0x30, 0, 0, 13),  # load that byte
    (0x45, 0, 1, 0x02),  # is SYN set?
    (0x06, 0, 0, 0),  # then keep nothing of the packet
    (0x06, 0, 0, 0xFFFFFFFF),  # else all of it
)


def hold(listener: Any) -> bool:
    """Lets no new connection begin at a listening TCP socket (`socket.socket`), in whatever process it is open. Whether the system can do that."""
    if sys.platform != "linux" or listener.family not in _INTERNET:
        return False
    program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *instruction) for instruction in _NO_SYN))
    try:
        listener.setsockopt(_SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HP", len(_NO_SYN), ctypes.addressof(program)))
    except OSError:
        return False
    return True
