#pragma once
// TLS as a layer.

#include "net/layer.hpp"
#include "tls/session.hpp"

namespace causeway::net {

class tls_layer final : public layer {
public:
    explicit tls_layer(const tls::server_context& context) : session_(context) {}

    state receive(std::string_view bytes, std::string& up, std::string& down) override {
        switch (session_.receive(bytes, up, down)) {
            case tls::session::state::shaking: return state::opening;
            case tls::session::state::open: return state::open;
            case tls::session::state::closed: return state::closed;
            case tls::session::state::failed: return state::failed;
        }
        return state::failed;
    }
    void send(std::string_view bytes, std::string& down) override { session_.send(bytes, down); }
    void close(std::string& down) override { session_.close(down); }
    std::string failure() const override { return session_.failure(); }
    std::optional<std::string> certificate_user() const override { return session_.user_of_certificate(); }

private:
    tls::session session_;
};

}  // namespace causeway::net
