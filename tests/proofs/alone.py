"""A machine that reaches nobody: a network of our own, in which there is nothing but this machine's own address.

Servers are asked through sockets in folders, and pages at 127.0.0.1, so that nothing misses the rest of the world.
"""

import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000  # linux/sched.h
GET_FLAGS, SET_FLAGS, UP = 0x8913, 0x8914, 1  # linux/sockios.h
FAR = ("192.0.2.1", 443)  # an address that is nobody's (RFC 5737)


def cut_off() -> bool:
    """Leave every network, this process and those that it starts. False where servers are far, or the kernel does not let us."""
    if sys.platform != "linux" or not os.environ.get("HARBOUR_EMBEDDED"):
        return False
    if subprocess.run([sys.executable, "-m", __name__], check=False, stderr=subprocess.DEVNULL).returncode:
        return False  # tried first by somebody else: who leaves half way reaches nobody, not even this machine
    leave()
    return True


def leave() -> None:
    """Into a network of our own, with this machine's own address. Raises `OSError`."""
    user, group = os.getuid(), os.getgid()
    if ctypes.CDLL(None, use_errno=True).unshare(NEW_NETWORK if user == 0 else NEW_NETWORK | NEW_USER):
        raise OSError(ctypes.get_errno(), "No network of our own.")
    if user:
        remain(user, group)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = fcntl.ioctl(any_socket, GET_FLAGS, struct.pack("16sh14x", b"lo", 0))
        flags = struct.unpack("16sh14x", asked)[1]
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh14x", b"lo", flags | UP))


def remain(user: int, group: int) -> None:
    """Within a new name space of users, be who we were."""
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def is_alone() -> bool:
    """Whether the kernel knows no way to anybody."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        far.connect(FAR)  # sends nothing: the kernel only looks for a way
        return False
    return True


if __name__ == "__main__":
    leave()
