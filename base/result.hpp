#pragma once
// result<T, E>: a value or the reason why there is none. For errors of the peer and of the world; our own are ENSUREs (check.hpp).
// TRY(auto x, f()) returns the error of f() from the calling function or binds x.

#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/policy/terminate.hpp>
#include <boost/outcome/try.hpp>

namespace causeway {

template <class T, class E>
using result = BOOST_OUTCOME_V2_NAMESPACE::basic_result<T, E, BOOST_OUTCOME_V2_NAMESPACE::policy::terminate>;

/// What a function returns that succeeds without a value: `return success();`
inline auto success() { return BOOST_OUTCOME_V2_NAMESPACE::success(); }

}  // namespace causeway

#define TRY(...) BOOST_OUTCOME_TRY(__VA_ARGS__)
