#pragma once
// A client's end of a simulated connection: bytes leave in pieces of any size, at any time.

#include <string>
#include <string_view>

#include "tests/simulation/dice.hpp"
#include "tests/support/fake_link.hpp"

namespace causeway::simulation {

class cable {
public:
    void plug(test::fake_link* into) {
        link_ = into;
        leaving_.clear();
        arrived_.clear();
    }
    void unplug() { link_ = nullptr; }
    bool plugged() const { return link_ != nullptr; }
    test::fake_link* link() const { return link_; }

    /// Encoders append here.
    std::string& out() { return leaving_; }

    /// Some of what waits goes on its way.
    void push(dice& chance) {
        if (!link_ || leaving_.empty()) return;
        const std::size_t count = chance.one_in(3) ? 1 + chance.below(leaving_.size()) : leaving_.size();
        link_->sends(std::string_view(leaving_).substr(0, count));
        leaving_.erase(0, count);
    }

    /// All bytes that have arrived and were not yet taken.
    std::string& arrived() {
        if (link_) arrived_ += link_->gets();
        return arrived_;
    }

private:
    test::fake_link* link_ = nullptr;
    std::string leaving_;
    std::string arrived_;
};

}  // namespace causeway::simulation
