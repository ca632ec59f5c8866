"""Runs a program that refuses root, for a root user: as another account that may still walk through closed folders.

PostgreSQL will not run as root. Its data may well lie below a folder closed to others (/root, or a folder of pytest),
and so may its programs. Opening those folders to everybody would be rude, and moving the data would part it from its
home: so the account keeps one right of root, to pass folders whatever their permissions (`CAP_DAC_OVERRIDE`).
"""

import ctypes
import os
import pwd
import subprocess
from contextlib import suppress
from functools import cache
from pathlib import Path

ACCOUNT = "pgserver"
FALLBACK = "nobody"
SET_KEEP_CAPABILITIES, SET_SECURE_BITS, AMBIENT, AMBIENT_RAISE = 8, 28, 47, 2  # of prctl(2)
NO_SETUID_FIXUP = 4
CAPABILITY_VERSION = 0x20080522
PASS_FOLDERS = 1  # CAP_DAC_OVERRIDE
_libc = ctypes.CDLL(None, use_errno=True)


@cache
def server_account() -> pwd.struct_passwd | None:
    """The account a server runs under: None for our own, another one where we are root."""
    if os.geteuid():
        return None
    with suppress(KeyError):
        return pwd.getpwnam(ACCOUNT)
    with suppress(OSError, subprocess.CalledProcessError):
        command = ["useradd", "--system", "--no-create-home", ACCOUNT]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 (a command of the system)
    with suppress(KeyError):
        return pwd.getpwnam(ACCOUNT)
    return pwd.getpwnam(FALLBACK)


def may_be_reached_by(account: pwd.struct_passwd | None, folder: Path) -> None:
    """Give a folder and what is in it to `account`; a copy made by root belongs to root until then."""
    if account is None:
        return
    for path in (folder, *folder.rglob("*")):
        if path.lstat().st_uid != account.pw_uid:
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    folder.chmod(0o700)


def become(account: pwd.struct_passwd) -> None:
    """Turn this process, just forked, into `account` with the right to pass closed folders where the kernel lets us.

    Without NO_SETUID_FIXUP, access(2) of another account forgets that right, and initdb asks it where its programs are.
    """
    _libc.prctl(SET_SECURE_BITS, NO_SETUID_FIXUP, 0, 0, 0)
    _libc.prctl(SET_KEEP_CAPABILITIES, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    if _keep_only(1 << PASS_FOLDERS):
        _libc.prctl(AMBIENT, AMBIENT_RAISE, PASS_FOLDERS, 0, 0)
    else:
        _keep_only(0)


def _keep_only(rights: int) -> bool:
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)(rights, rights, rights, 0, 0, 0)  # effective, permitted, inheritable; low, high
    return bool(_libc.capset(header, sets) == 0)
