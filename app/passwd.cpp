// The command `passwd`.

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <string>

#include "app/commands.hpp"
#include "app/exit_code.hpp"
#include "tls/password_hash.hpp"

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

}  // namespace

int perform(const passwd_command&) {
    const std::string password = read_password("Password: ");
    if (password.empty()) return complain("the password is empty");
    if (::isatty(STDIN_FILENO) && read_password("Once more: ") != password) return complain("the passwords differ");
    const std::string hash = tls::hash_password(password);
    if (hash.empty()) return complain("not enough memory to make the hash");
    if (std::puts(hash.c_str()) < 0 || std::fflush(stdout) != 0) return complain("standard output cannot be written");
    return exit_code::ok;
}

int perform(const answered& done) { return done.exit_code; }

}  // namespace causeway::app
