#pragma once
// Space that is taken before it is needed, so that a full disk is met between commits and not inside one. Both belong to the
// commit thread. Where the file system cannot allocate ahead they do nothing and say yes.

#include <cstdint>
#include <string>

namespace causeway::persistence {

/// A file of nothing, given up when the disk is full so that acknowledgements and deletions can still be written.
class ballast {
public:
    ballast(std::string file, std::uint64_t bytes) : file_(std::move(file)), bytes_(bytes) {}

    /// False if there is no room for it.
    bool restore();
    void release();

private:
    std::string file_;
    std::uint64_t bytes_;
};

/// Blocks for the data file's growth, allocated a step at a time: as much again as there is, between 1 MiB and the given
/// step. The file's size stays what was written.
class preallocation {
public:
    explicit preallocation(std::uint64_t most_bytes) : most_bytes_(most_bytes) {}

    /// Makes sure of the blocks up to `end` of the file. False if there is no room for them.
    bool reach(int fd, std::uint64_t end);
    /// Another file, or the same one opened anew.
    void forget() { reached_ = 0; }

private:
    std::uint64_t step_for(std::uint64_t end) const;

    std::uint64_t most_bytes_;
    std::uint64_t reached_ = 0;
};

/// Is less than `bytes` left for an unprivileged process on the file system of the path?
bool short_of_space(const std::string& path, std::uint64_t bytes);

}  // namespace causeway::persistence
