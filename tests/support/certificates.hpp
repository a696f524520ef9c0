#pragma once
// Keys and certificates for tests, made when they are needed, in a folder that vanishes with its owner.

#include <string>

namespace causeway::test {

class certificates {
public:
    /// An authority, and a server and two client certificates signed by it.
    certificates();
    ~certificates();
    certificates(const certificates&) = delete;
    certificates& operator=(const certificates&) = delete;

    std::string authority() const { return folder_ + "/ca.crt"; }
    std::string server_chain() const { return folder_ + "/server.crt"; }  // for localhost and 127.0.0.1
    std::string server_key() const { return folder_ + "/server.key"; }
    std::string client_chain() const { return folder_ + "/client.crt"; }  // common name "sensor-17"
    std::string client_key() const { return folder_ + "/client.key"; }
    std::string nameless_chain() const { return folder_ + "/nameless.crt"; }  // of another client: neither subject nor other names
    std::string nameless_key() const { return folder_ + "/nameless.key"; }
    const std::string& folder() const { return folder_; }

private:
    std::string folder_;
};

}  // namespace causeway::test
