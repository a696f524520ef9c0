// AMQP 0-9-1: one publisher, one queue, one consumer with automatic acknowledgement.

#include <memory>
#include <string>

#include "tests/bench/scenario.hpp"

namespace causeway::bench {

namespace {

using namespace std::string_literals;

constexpr std::string_view queue_name = "bench";
enum frame_type : unsigned char { method = 1, header = 2, body = 3 };

std::string integer(std::uint64_t n, int bytes) {
    std::string out;
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(n >> shift & 0xFF);
    return out;
}

std::string short_text(std::string_view s) { return integer(s.size(), 1) + std::string(s); }
std::string long_text(std::string_view s) { return integer(s.size(), 4) + std::string(s); }

std::string frame(frame_type type, unsigned channel, const std::string& payload) {
    return integer(type, 1) + integer(channel, 2) + integer(payload.size(), 4) + payload + "\xCE";
}

std::string call(unsigned channel, unsigned of_class, unsigned of_method, const std::string& arguments) {
    return frame(method, channel, integer(of_class, 2) + integer(of_method, 2) + arguments);
}

class client : public peer {
public:
    explicit client(std::uint16_t port) : peer(port) { log_in(); }

    std::size_t receive(std::string_view bytes) final {
        std::size_t consumed = 0;
        while (bytes.size() - consumed >= 8) {
            const std::string_view rest = bytes.substr(consumed);
            const std::size_t size = 8 + length_in(rest);
            if (rest.size() < size) break;
            bodies_ += rest[0] == body;
            consumed += size;
        }
        arrived();
        return consumed;
    }

    /// Sends a method and waits for the answer to it.
    void ask(const std::string& request) {
        send_all(request);
        const std::string head = receive_exactly(7);
        receive_exactly(length_in(head) + 1);
    }

protected:
    virtual void arrived() = 0;
    std::uint64_t bodies() const { return bodies_; }

private:
    static std::size_t length_in(std::string_view head) {
        std::size_t length = 0;
        for (std::size_t i = 3; i < 7; ++i) length = length << 8 | static_cast<unsigned char>(head[i]);
        return length;
    }

    void log_in() {
        ask("AMQP\0\0\x09\x01"s);
        ask(call(0, 10, 11, integer(0, 4) + short_text("PLAIN") + long_text("\0guest\0guest"s) + short_text("en_US")));  // start-ok → tune
        send_all(call(0, 10, 31, integer(2047, 2) + integer(131072, 4) + integer(0, 2)));                                // tune-ok
        ask(call(0, 10, 40, short_text("/") + integer(0, 2)));                                                           // open
        ask(call(1, 20, 10, integer(0, 1)));                                                                             // channel.open
    }

    std::uint64_t bodies_ = 0;
};

class publisher final : public client {
public:
    explicit publisher(const options& o) : client(o.port), window_(o.window * 50) {
        const std::string message(o.payload_bytes, 'x');
        message_ = call(1, 60, 40, integer(0, 2) + short_text("") + short_text(queue_name) + integer(0, 1)) +
                   frame(header, 1, integer(60, 2) + integer(0, 2) + integer(message.size(), 8) + integer(0, 2)) + frame(body, 1, message);
        ask(call(1, 50, 10, integer(0, 2) + short_text(queue_name) + integer(0, 1) + integer(0, 4)));  // queue.declare
    }

    void run(bool on) { running_ = on; }
    void fill(std::uint64_t delivered) {
        for (; running_ && published_ - delivered < window_; ++published_) output() += message_;
    }
    std::uint64_t published() const { return published_; }

private:
    void arrived() override {}

    std::uint64_t window_;
    std::string message_;
    bool running_ = false;
    std::uint64_t published_ = 0;
};

class consumer final : public client {
public:
    consumer(const options& o, publisher& partner) : client(o.port), partner_(partner) {
        const unsigned no_ack = 2;
        ask(call(1, 60, 20, integer(0, 2) + short_text(queue_name) + short_text("") + integer(no_ack, 1) + integer(0, 4)));  // basic.consume
    }
    std::uint64_t delivered() const { return bodies(); }

private:
    void arrived() override { partner_.fill(bodies()); }
    publisher& partner_;
};

class queue final : public scenario {
public:
    queue(const options& o, loop& on) : publisher_(o), consumer_(o, publisher_) {
        on.add(publisher_);
        on.add(consumer_);
    }
    void start() override {
        publisher_.run(true);
        publisher_.fill(consumer_.delivered());
    }
    void stop() override { publisher_.run(false); }
    bool drained() const override { return publisher_.published() == consumer_.delivered(); }
    std::uint64_t delivered() const override { return consumer_.delivered(); }

private:
    publisher publisher_;
    consumer consumer_;
};

}  // namespace

std::unique_ptr<scenario> amqp_queue(const options& o, loop& on) { return std::make_unique<queue>(o, on); }

}  // namespace causeway::bench
