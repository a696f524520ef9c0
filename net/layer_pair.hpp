#pragma once
// One layer inside another: WebSocket in TLS.

#include <memory>
#include <utility>

#include "net/layer.hpp"

namespace causeway::net {

class layer_pair final : public layer {
public:
    /// `outer` is the one next to the wire.
    layer_pair(std::unique_ptr<layer> outer, std::unique_ptr<layer> inner) : outer_(std::move(outer)), inner_(std::move(inner)) {}

    state receive(std::string_view bytes, std::string& up, std::string& down) override {
        std::string between, answers;
        const state outer = outer_->receive(bytes, between, down);
        if (!between.empty() || inner_->has_more()) inner_state_ = inner_->receive(between, up, answers);
        if (!answers.empty()) outer_->send(answers, down);
        // The last bytes before the outer goodbye may stand for more than is given at once.
        const bool going_on = outer == state::open || (outer == state::closed && inner_->has_more());
        return going_on ? inner_state_ : outer;
    }

    bool has_more() const override { return inner_->has_more(); }

    void send(std::string_view bytes, std::string& down) override {
        std::string between;
        inner_->send(bytes, between);
        outer_->send(between, down);
    }

    void close(std::string& down) override {
        std::string between;
        inner_->close(between);
        outer_->send(between, down);
        outer_->close(down);
    }

    std::string failure() const override { return inner_state_ == state::failed ? inner_->failure() : outer_->failure(); }
    std::optional<std::string> certificate_user() const override { return outer_->certificate_user(); }

private:
    std::unique_ptr<layer> outer_;
    std::unique_ptr<layer> inner_;
    state inner_state_ = state::opening;
};

}  // namespace causeway::net
