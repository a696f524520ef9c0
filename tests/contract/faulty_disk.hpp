#pragma once
// Makes the writes, syncs and allocations of this very process fail, below LMDB: linking faulty_disk.cpp replaces the C
// library's pwrite, writev, fdatasync and fallocate. So what is tested is what LMDB really does when a disk fails.

namespace causeway::test::faulty_disk {

/// The step-th call from now on (0: the next) fails with this errno; `from_then_on` also all after it.
void fail_at(int step, int error, bool from_then_on);
void mend();
/// Calls since fail_at.
int steps();

/// Ends the trouble also when a test fails.
struct trouble {
    trouble(int step, int error, bool from_then_on = false) { fail_at(step, error, from_then_on); }
    ~trouble() { mend(); }
};

}  // namespace causeway::test::faulty_disk
