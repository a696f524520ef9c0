// The command `passwd`.

#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>

#include "app/commands.hpp"
#include "app/exit_code.hpp"
#include "tls/password_hash.hpp"
#include "tls/scram_secret.hpp"

namespace causeway::app {

namespace {

/// While it lives, the terminal does not show what is typed.
class echo_off {
public:
    echo_off() {
        if (!::isatty(STDIN_FILENO) || ::tcgetattr(STDIN_FILENO, &before_) != 0) return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
    }
    ~echo_off() {
        if (!changed_) return;
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
        std::fputs("\n", stderr);
    }
    echo_off(const echo_off&) = delete;
    echo_off& operator=(const echo_off&) = delete;

private:
    termios before_{};
    bool changed_ = false;
};

std::string read_password(const char* prompt) {
    if (::isatty(STDIN_FILENO)) std::fputs(prompt, stderr);
    const echo_off hidden;
    std::string password;
    std::getline(std::cin, password);
    return password;
}

int complain(const char* what) {
    std::fprintf(stderr, "causeway: %s\n", what);
    return exit_code::wrong;
}

int print(const std::string& line) {
    if (std::puts(line.c_str()) < 0 || std::fflush(stdout) != 0) return complain("standard output cannot be written");
    return exit_code::ok;
}

int print_scram_secret(const std::string& password, std::uint32_t iterations) {
    if (!tls::acceptable_scram_password(password)) return complain("the password must be UTF-8 without control characters");
    const bool ascii = std::all_of(password.begin(), password.end(), [](char c) { return c >= 0; });
    if (!ascii) std::fputs("causeway: beyond ASCII the password counts as it is typed; clients may type it otherwise\n", stderr);
    return print(text_of(tls::make_scram_secret(password, tls::random_bytes(tls::scram_salt_bytes), iterations)));
}

}  // namespace

int perform(const passwd_command& passwd) {
    const std::string password = read_password("Password: ");
    if (password.empty()) return complain("the password is empty");
    if (::isatty(STDIN_FILENO) && read_password("Once more: ") != password) return complain("the passwords differ");
    if (passwd.scram_iterations) return print_scram_secret(password, *passwd.scram_iterations);
    const std::string hash = tls::hash_password(password);
    if (hash.empty()) return complain("not enough memory to make the hash");
    return print(hash);
}

int perform(const answered& done) { return done.exit_code; }

}  // namespace causeway::app
