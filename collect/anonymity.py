"""What a machine is called stays on it: tables and reports travel, and say nothing of whose they were."""

import getpass
import re
import socket

#: An absolute path of two folders or more, in the Unix or the Windows form; its last name stays.
PATH = re.compile(r"(?<![\w:/\\])(?:[A-Za-z]:)?(?:[\\/][^\s\\/'\":,;()<>|]+)+[\\/](?=[^\s\\/'\":,;()<>|])")
#: Names that say of nobody who it was.
COMMON = {"root", "user", "admin", "localhost"}
ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")


def without_whereabouts(text: str) -> str:
    """A message without folders, addresses, and the names of host and user."""
    text = ADDRESS.sub("<address>", PATH.sub("…/", text))
    for name, stand_in in ((socket.gethostname(), "<host>"), (_user(), "<user>")):
        if len(name) > 2 and name not in COMMON:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", stand_in, text)
    return text


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in a container
        return ""
