#pragma once
// The names of this floor, for headers that need no more than a reference.

namespace causeway::net {

class connection;
class downlink;
class layer;
class listener;
class peer_link;
class peers;
class uplink;
class worker;

}  // namespace causeway::net
