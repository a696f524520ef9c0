#include "tls/server_context.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include "tests/support/certificates.hpp"

using namespace causeway;
using Catch::Matchers::Contains;

namespace {

tls::server_options good(const test::certificates& files) {
    tls::server_options options;
    options.certificate_chain_file = files.server_chain();
    options.private_key_file = files.server_key();
    return options;
}

std::string error_of(const tls::server_options& options) {
    const auto made = tls::server_context::make(options);
    return made.has_value() ? "" : made.error();
}

}  // namespace

TEST_CASE("a context is made from a certificate and its key") {
    const test::certificates files;
    tls::server_options options = good(files);
    CHECK(error_of(options).empty());
    options.client_ca_file = files.authority();
    options.require_client_certificate = true;
    CHECK(error_of(options).empty());
}

TEST_CASE("what is wrong with a file is said with its name and the reason") {
    const test::certificates files;
    tls::server_options options = good(files);

    options.certificate_chain_file = files.folder() + "/none.crt";
    CHECK_THAT(error_of(options), Contains("/none.crt: No such file or directory"));

    options = good(files);
    options.private_key_file = files.client_key();
    CHECK_THAT(error_of(options), Contains("/client.key: key values mismatch"));

    options = good(files);
    options.private_key_file = files.server_chain();
    CHECK_THAT(error_of(options), Contains("/server.crt: "));

    options = good(files);
    options.client_ca_file = files.folder() + "/none.crt";
    CHECK_THAT(error_of(options), Contains("/none.crt: No such file or directory"));
}

TEST_CASE("client certificates cannot be required without an authority that signs them") {
    const test::certificates files;
    tls::server_options options = good(files);
    options.require_client_certificate = true;
    CHECK_THAT(error_of(options), Contains("client_ca_file"));
}

TEST_CASE("a failed reload leaves everything as it was") {
    const test::certificates files;
    auto made = tls::server_context::make(good(files));
    REQUIRE(made.has_value());
    tls::server_context& context = *made.value();
    const auto before = context.current();

    CHECK(context.reload().has_value());
    const auto reloaded = context.current();
    CHECK(reloaded != before);

    std::filesystem::remove(files.server_key());
    const auto failed = context.reload();
    REQUIRE_FALSE(failed.has_value());
    CHECK_THAT(failed.error(), Contains("server.key"));
    CHECK(context.current() == reloaded);
}
