#pragma once
// What all records have in common, for record.cpp and record_message.cpp only: the envelope (version in front, CRC-32C
// behind), counts, texts and field tables. The reader remembers its first failure and is asked once at the end.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"
#include "core/record.hpp"

namespace causeway::core::record {

/// Of every record's own layout. (The format version in table meta tells about the whole directory.)
inline constexpr std::uint8_t record_version = 1;

/// Deeper tables are not read back. The protocols accept less.
inline constexpr std::size_t field_depth_max = 128;

/// Appends one record: [version: u8] … [CRC-32C: u32]. Call seal() last, until then the end of the string is room for more:
/// plain stores are several times as fast as appending byte by byte.
class record_writer {
public:
    /// `room`: how much to make at once. More comes by itself.
    explicit record_writer(std::string& out, std::size_t room = 128) : out_(out), start_(out.size()) {
        open(room);
        u8(record_version);
    }

    void u8(std::uint8_t value) { integer(value); }
    void u32(std::uint32_t value) { integer(value); }
    void u64(std::uint64_t value) { integer(value); }
    void i64(std::int64_t value) { u64(static_cast<std::uint64_t>(value)); }
    /// LEB128: seven bits a byte, the lowest first, the top bit says that more follow.
    void count(std::uint64_t value) {
        reach(count_bytes_max);
        for (; value >= 0x80; value >>= 7) *at_++ = static_cast<char>(value | 0x80);
        *at_++ = static_cast<char>(value);
    }
    /// [size: count] [bytes]
    void text(std::string_view bytes);
    void table(const field_table& table);
    void seal();

private:
    static constexpr std::size_t count_bytes_max = 10;

    template <class T>
    void integer(T value) {
        reach(sizeof(T));
        at_ = put_integer(at_, value);
    }
    void reach(std::size_t bytes) {
        if (static_cast<std::size_t>(end_ - at_) >= bytes) return;
        close();
        open(bytes + 128);
    }
    void open(std::size_t room);
    void close() { out_.resize(out_.size() - static_cast<std::size_t>(end_ - at_)); }

    std::string& out_;
    std::size_t start_;
    char* at_ = nullptr;
    char* end_ = nullptr;
};

/// Reads one record. Nothing is allocated for a size that the bytes do not have.
class record_reader {
public:
    explicit record_reader(std::string_view value);

    std::uint8_t u8() { return in_.u8(); }
    std::uint32_t u32() { return in_.u32(); }
    std::uint64_t u64() { return in_.u64(); }
    std::int64_t i64() { return static_cast<std::int64_t>(in_.u64()); }
    std::uint64_t count();
    std::string_view text() { return in_.take(count()); }
    field_table table();
    /// Refuses what table() refuses.
    void skip_table();
    void skip(std::size_t bytes) { in_.take(bytes); }

    /// A byte of flags of which only `known` may be set.
    std::uint8_t flags(std::uint8_t known);
    std::size_t remaining() const { return in_.remaining(); }
    bool failed() const { return in_.failed(); }

    void fail(std::string why);
    /// True if nothing failed and every byte was read. Else fault() says what is wrong.
    bool finish();
    std::string fault() const { return fault_.empty() ? "truncated" : fault_; }

private:
    byte_reader in_;
    std::string fault_;
};

// Parts that several records hold (record_message.cpp).
void write_options(record_writer& to, const delivery_options& options);
options_ptr read_options(record_reader& in);
void write_message(record_writer& to, const message& m);
/// nullptr if the reader has failed.
message_ptr read_message(record_reader& in, const origins& from, memory_account* account);
protocol read_protocol(record_reader& in);

}  // namespace causeway::core::record
