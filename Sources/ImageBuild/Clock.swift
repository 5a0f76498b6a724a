import FileTree
import Glibc

/// Waits until the clock that stamps files shows a later time than now: at most some milliseconds.
///
/// A file that is written after the wait cannot have the time of one that was written before.
func waitForClock() {
  let start = Timestamp.coarseNow
  while Timestamp.coarseNow <= start { usleep(500) }
}
