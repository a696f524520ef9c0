#pragma once
// CRC-32C (Castagnoli), the checksum of stored records.

#include <cstdint>
#include <string_view>

namespace causeway {

std::uint32_t crc32c(std::string_view bytes);

}  // namespace causeway
