// Opening a data directory: what is created, what is refused and in which words.

#include "persistence/database.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "base/byte_writer.hpp"
#include "base/crc32c.hpp"
#include "core/record.hpp"
#include "tests/contract/temporary_directory.hpp"

using namespace causeway;
using core::table;
using persistence::database;
using persistence::database_options;
using Catch::Matchers::Contains;

namespace {

struct fixture {
    test::temporary_directory directory;
    silent_logger log;
    database_options options{.directory = directory.path() + "/deep/down", .ballast_bytes = 0, .preallocate_bytes = 0};

    std::string refusal() {
        try {
            database opened(options, log);
            return "";
        } catch (const std::runtime_error& e) {
            return e.what();
        }
    }

    core::commit_status write(table where, std::string_view key, std::string_view value) {
        database opened(options, log);
        const persistence::commit_round::operation put{key, value, where, false, false};
        return opened.write({&put, 1});
    }
};

std::string format_record(std::uint32_t version) {
    std::string out;
    byte_writer writer(out);
    writer.u8(1);
    writer.u32(version);
    writer.u32(crc32c(out));
    return out;
}

}  // namespace

TEST_CASE("a data directory is created with its parents, for its owner only") {
    fixture at;
    CHECK(at.refusal() == "");
    struct stat about {};
    REQUIRE(::stat(at.options.directory.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0700);
    REQUIRE(::stat((at.options.directory + "/data.mdb").c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
    CHECK(at.refusal() == "");  // and opened again
}

TEST_CASE("a directory that is in use is refused with the number of the process") {
    fixture at;
    const database first(at.options, at.log);
    CHECK_THAT(at.refusal(), Contains("is used by another process (pid " + std::to_string(::getpid()) + ")"));
}

TEST_CASE("data of a newer format are refused in words") {
    fixture at;
    REQUIRE(at.write(table::meta, "format", format_record(core::record::format_version + 1)) == core::commit_status::stored);
    CHECK_THAT(at.refusal(), Contains("was written by a newer version") && Contains("format " + std::to_string(core::record::format_version + 1)));
}

TEST_CASE("a damaged format record is refused") {
    fixture at;
    REQUIRE(at.write(table::meta, "format", "123456789") == core::commit_status::stored);
    CHECK_THAT(at.refusal(), Contains("is damaged: table meta, key format: checksum"));
}

TEST_CASE("a file in the place of the directory, and a file that is no data, are refused") {
    fixture at;
    SECTION("a file in its place") {
        at.options.directory = at.directory.path() + "/file";
        std::ofstream(at.options.directory) << "hello";
        CHECK_THAT(at.refusal(), Contains("is not a directory"));
    }
    SECTION("data.mdb of something else") {
        std::filesystem::create_directories(at.options.directory);
        std::ofstream(at.options.directory + "/data.mdb") << std::string(10'000, 'x');
        CHECK_THAT(at.refusal(), Contains("cannot be opened"));
    }
}

TEST_CASE("a directory that may not be written is refused") {
    if (::geteuid() == 0) return;  // root may write everywhere
    fixture at;
    at.options.directory = at.directory.path();
    REQUIRE(::chmod(at.options.directory.c_str(), 0500) == 0);
    CHECK_THAT(at.refusal(), Contains("is not writable"));
    REQUIRE(::chmod(at.options.directory.c_str(), 0700) == 0);
}

TEST_CASE("a map too large for the machine falls back to what there is") {
    fixture at;
    at.options.map_bytes = 1ULL << 60;
    CHECK(at.refusal() == "");
}

TEST_CASE("a copy of a live database is a database") {
    fixture at;
    REQUIRE(at.write(table::queues, "q", "1") == core::commit_status::stored);
    const std::string copy = at.directory.path() + "/copy";
    REQUIRE(std::filesystem::create_directory(copy));
    {
        database live(at.options, at.log);
        REQUIRE(live.copy_to(copy) == "");
    }
    at.options.directory = copy;
    database restored(at.options, at.log);
    std::string found;
    restored.scan(table::queues, "", [&](std::string_view key, std::string_view value) {
        found.append(key).append(value);
        return true;
    });
    CHECK(found == "q1");
}
