"""The floors: who may include whom, and which foreign headers belong to whom. This table is the architecture; see
docs/architecture.md for the reasons."""

from typing import NamedTuple


class Floor(NamedTuple):
    may_include: tuple[str, ...]  # other floors, or single headers of them
    foreign: tuple[str, ...] = ()  # beginnings of the headers that only floors which name them may use


CONTAINERS = ("boost/unordered", "boost/container", "boost/intrusive", "boost/smart_ptr")

FLOORS = {
    "base": Floor((), ("boost/outcome",)),
    "core": Floor(("base",), CONTAINERS),
    "persistence": Floor(("base", "core"), ("lmdb.h", *CONTAINERS)),
    "protocols": Floor(("base", "core")),
    "protocols/mqtt": Floor(("base", "core", "protocols/endpoint.hpp", "protocols/vhosts.hpp"), CONTAINERS),
    "protocols/amqp": Floor(("base", "core", "protocols/endpoint.hpp", "protocols/vhosts.hpp"), CONTAINERS),
    "tls": Floor(("base",), ("openssl/", "sodium.h")),
    "net": Floor(("base", "core", "tls", "protocols/endpoint.hpp"),
                 ("boost/asio", "boost/beast", "boost/system", "zlib.h", *CONTAINERS)),
    "bench": Floor(("base", "protocols/mqtt", "protocols/amqp")),
    "app": Floor(("base", "core", "persistence", "protocols", "protocols/mqtt", "protocols/amqp", "tls", "net", "bench"),
                 ("yaml-cpp/", "CLI/", *CONTAINERS)),
}

# Headers that a single pair of files may see, though its floor as a whole may not.
ONLY_IN = {
    "lmdb.h": ("persistence/lmdb.hpp", "persistence/lmdb.cpp"),
    "boost/asio/impl/": ("net/boost_impl.cpp",),
    "boost/asio/ssl/impl/": ("net/boost_impl.cpp",),
    "boost/beast/src.hpp": ("net/boost_impl.cpp",),
    "boost/regex": ("core/name_pattern.cpp",),
}

# The operating system is not the core's or a protocol's business: no clock, file, socket or thread in there.
PURE = ("core", "protocols", "protocols/mqtt", "protocols/amqp")
IMPURE_HEADERS = ("sys/", "unistd.h", "fcntl.h", "netinet/", "arpa/", "poll.h", "fstream", "filesystem", "thread", "mutex",
                  "condition_variable", "random", "iostream")
