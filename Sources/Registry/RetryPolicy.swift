import Glibc

/// When a request that failed is made again.
package struct RetryPolicy: Sendable {
  /// Attempts in all.
  package var attempts = 6
  /// Milliseconds before the second attempt; doubled each time.
  package var firstPause: Int64 = 500
  package var longestPause: Int64 = 20_000
  /// Seconds of a Retry-After that are waited for at most; a longer one fails at once.
  package var longestRetryAfter: Int64 = 120

  package init() {}

  /// Milliseconds to wait after an attempt, counted from 1, has failed; nil to give up.
  func pause(after error: RegistryError, attempt: Int) -> Int64? {
    guard error.isTemporary, attempt < attempts else { return nil }
    // A host without an address, or where nobody listens, is more likely a slip than a hiccup.
    if case .unreachable(_, let code, _) = error, code == 5 || code == 6 || code == 7, attempt > 1 {
      return nil
    }
    let usual = min(longestPause, firstPause << Int64(min(attempt - 1, 20)))
    guard let wanted = error.answer?.retryAfter else { return usual }
    guard wanted <= longestRetryAfter else { return nil }
    return max(wanted * 1000, min(usual, 1000))
  }

  /// Waits.
  /// - Parameter cancel: a descriptor; readable ends the wait. -1 for none.
  /// - Returns: false if it was cancelled.
  static func wait(_ milliseconds: Int64, cancel: CInt) -> Bool {
    var watch = pollfd(fd: cancel, events: Int16(POLLIN), revents: 0)
    // Without a descriptor this only waits.
    return unsafe poll(&watch, 1, CInt(clamping: milliseconds)) < 1
  }
}
