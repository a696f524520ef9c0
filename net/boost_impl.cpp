// The one place where Asio's and Beast's sources are compiled (BOOST_ASIO_SEPARATE_COMPILATION and Beast's alike).

#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
