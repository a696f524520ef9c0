#include "tests/support/certificates.hpp"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "base/check.hpp"

namespace causeway::test {

namespace {

template <class T, void (*Free)(T*)>
struct freeing {
    void operator()(T* t) const { Free(t); }
};
using key = std::unique_ptr<EVP_PKEY, freeing<EVP_PKEY, EVP_PKEY_free>>;
using certificate = std::unique_ptr<X509, freeing<X509, X509_free>>;

struct identity {
    key secret;
    certificate shown;
};

struct wish {
    const char* name;  // nullptr: the subject is empty
    const char* basic_constraints;
    const char* alternative_names;  // nullptr: none
};

void extend(X509* of, int what, const char* value) {
    if (value == nullptr) return;
    X509_EXTENSION* made = X509V3_EXT_conf_nid(nullptr, nullptr, what, value);
    ENSURE(made != nullptr);
    X509_add_ext(of, made, -1);
    X509_EXTENSION_free(made);
}

/// Signed by `issuer`, or by itself.
identity make(const wish& w, long serial, const identity* issuer) {
    identity made{key(EVP_EC_gen("P-256")), certificate(X509_new())};
    X509* x = made.shown.get();
    ENSURE(made.secret && x != nullptr);
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 24 * 3600);
    X509_set_pubkey(x, made.secret.get());
    if (w.name != nullptr)
        X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(w.name), -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(issuer != nullptr ? issuer->shown.get() : x));
    extend(x, NID_basic_constraints, w.basic_constraints);
    extend(x, NID_subject_alt_name, w.alternative_names);
    ENSURE(X509_sign(x, (issuer != nullptr ? *issuer : made).secret.get(), EVP_sha256()) > 0);
    return made;
}

template <class Write>
void write_file(const std::string& name, Write write) {
    std::FILE* file = std::fopen(name.c_str(), "w");
    ENSURE(file != nullptr && write(file) == 1);
    std::fclose(file);
}

void write(const identity& what, const std::string& base) {
    write_file(base + ".crt", [&](std::FILE* f) { return PEM_write_X509(f, what.shown.get()); });
    write_file(base + ".key", [&](std::FILE* f) {
        return PEM_write_PrivateKey(f, what.secret.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
}

}  // namespace

certificates::certificates() {
    std::string pattern = (std::filesystem::temp_directory_path() / "causeway-certificates-XXXXXX").string();
    ENSURE(::mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    const identity authority = make({"test authority", "critical,CA:TRUE", nullptr}, 1, nullptr);
    write(authority, folder_ + "/ca");
    write(make({"localhost", "CA:FALSE", "DNS:localhost,IP:127.0.0.1"}, 2, &authority), folder_ + "/server");
    write(make({"sensor-17", "CA:FALSE", nullptr}, 3, &authority), folder_ + "/client");
    write(make({nullptr, "CA:FALSE", nullptr}, 4, &authority), folder_ + "/nameless");
}

certificates::~certificates() { std::filesystem::remove_all(folder_); }

}  // namespace causeway::test
