// MQTT 3.1.1: publishers and subscribers in pairs, each pair with a topic of its own.

#include <memory>
#include <string>
#include <vector>

#include "tests/bench/scenario.hpp"

namespace causeway::bench {

namespace {

std::string u16(std::size_t n) { return {static_cast<char>(n >> 8), static_cast<char>(n & 0xFF)}; }

std::string text(std::string_view s) { return u16(s.size()) + std::string(s); }

std::string packet(unsigned first, const std::string& body) {
    std::string out(1, static_cast<char>(first));
    std::size_t rest = body.size();
    do {
        out += static_cast<char>((rest & 0x7F) | (rest > 0x7F ? 0x80U : 0U));
        rest >>= 7;
    } while (rest > 0);
    return out + body;
}

void log_in(peer& p, const std::string& client_id) {
    p.send_all(packet(0x10, text("MQTT") + std::string("\x04\x02\x00\x00", 4) + text(client_id)));
    if (p.receive_exactly(4)[3] != '\0') give_up("CONNACK says no");
}

/// A client that is told of each packet by its first byte and its body.
class client : public peer {
public:
    client(std::uint16_t port, const std::string& id) : peer(port) { log_in(*this, id); }

    std::size_t receive(std::string_view bytes) final {
        std::size_t consumed = 0;
        while (const std::size_t size = one_packet(bytes.substr(consumed))) consumed += size;
        arrived();
        return consumed;
    }

protected:
    virtual void handle(unsigned first, std::string_view body) = 0;
    virtual void arrived() = 0;

private:
    std::size_t one_packet(std::string_view bytes) {
        std::size_t length = 0;
        for (std::size_t i = 1; i < bytes.size() && i <= 4; ++i) {
            length |= (static_cast<unsigned char>(bytes[i]) & 0x7FU) << (7 * (i - 1));
            if (static_cast<unsigned char>(bytes[i]) & 0x80U) continue;
            if (bytes.size() < i + 1 + length) return 0;
            handle(static_cast<unsigned char>(bytes[0]), bytes.substr(i + 1, length));
            return i + 1 + length;
        }
        return 0;
    }
};

class publisher final : public client {
public:
    publisher(const options& o, std::string topic)
        : client(o.port, topic + "-publisher"), qos_(o.qos), window_(o.window), topic_(text(topic)), payload_(o.payload_bytes, 'x') {}

    void start() {
        running_ = true;
        fill();
    }
    void stop() { running_ = false; }
    void delivered(std::uint64_t count) { delivered_ = count; }
    std::uint64_t published() const { return published_; }

    void fill() {
        const std::uint64_t done = qos_ ? std::min(delivered_, acknowledged_) : delivered_;
        while (running_ && published_ - done < window_) {
            ++published_;
            const std::string id = qos_ ? u16(1 + published_ % 0xFFFF) : "";
            output() += packet(0x30U | qos_ << 1, topic_ + id + payload_);
        }
    }

private:
    void handle(unsigned first, std::string_view) override { acknowledged_ += first == 0x40; }
    void arrived() override { fill(); }

    unsigned qos_, window_;
    std::string topic_, payload_;
    bool running_ = false;
    std::uint64_t published_ = 0, acknowledged_ = 0, delivered_ = 0;
};

class subscriber final : public client {
public:
    subscriber(const options& o, const std::string& topic, publisher& partner)
        : client(o.port, topic + "-subscriber"), id_at_(2 + topic.size()), partner_(partner) {
        send_all(packet(0x82, u16(1) + text(topic) + static_cast<char>(o.qos)));
        receive_exactly(5);
    }
    std::uint64_t delivered() const { return delivered_; }

private:
    void handle(unsigned first, std::string_view body) override {
        if ((first & 0xF0U) != 0x30) return;
        ++delivered_;
        if (first & 0x06U) output() += packet(0x40, std::string(body.substr(id_at_, 2)));
    }
    void arrived() override {
        partner_.delivered(delivered_);
        partner_.fill();
    }

    std::size_t id_at_;
    publisher& partner_;
    std::uint64_t delivered_ = 0;
};

class pairs final : public scenario {
public:
    pairs(const options& o, loop& on) {
        for (unsigned i = 0; i < o.clients; ++i) {
            const std::string topic = "bench/" + std::to_string(i);
            publishers_.push_back(std::make_unique<publisher>(o, topic));
            subscribers_.push_back(std::make_unique<subscriber>(o, topic, *publishers_.back()));
            on.add(*publishers_.back());
            on.add(*subscribers_.back());
        }
    }
    void start() override {
        for (auto& p : publishers_) p->start();
    }
    void stop() override {
        for (auto& p : publishers_) p->stop();
    }
    bool drained() const override {
        std::uint64_t published = 0;
        for (const auto& p : publishers_) published += p->published();
        return published == delivered();
    }
    std::uint64_t delivered() const override {
        std::uint64_t sum = 0;
        for (const auto& s : subscribers_) sum += s->delivered();
        return sum;
    }

private:
    std::vector<std::unique_ptr<publisher>> publishers_;
    std::vector<std::unique_ptr<subscriber>> subscribers_;
};

class idler final : public client {
public:
    using client::client;

private:
    void handle(unsigned, std::string_view) override {}
    void arrived() override {}
};

class idle final : public scenario {
public:
    idle(const options& o, loop& on) {
        for (unsigned i = 0; i < o.clients; ++i) {
            clients_.push_back(std::make_unique<idler>(o.port, "idle-" + std::to_string(o.clients) + "-" + std::to_string(i)));
            on.add(*clients_.back());
        }
    }
    void start() override {}
    void stop() override {}
    bool drained() const override { return true; }
    std::uint64_t delivered() const override { return 0; }

private:
    std::vector<std::unique_ptr<idler>> clients_;
};

}  // namespace

std::unique_ptr<scenario> mqtt_pairs(const options& o, loop& on) { return std::make_unique<pairs>(o, on); }
std::unique_ptr<scenario> mqtt_idle(const options& o, loop& on) { return std::make_unique<idle>(o, on); }

}  // namespace causeway::bench
