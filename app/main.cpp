#include "app/cli.hpp"
#include "app/commands.hpp"

int main(int argc, char** argv) {
    using namespace causeway::app;
    return std::visit([](const auto& command) { return perform(command); }, parse_command_line(argc, argv));
}
