import Glibc
import Isolation
import Synchronization

/// Ctrl-C and SIGTERM end a build in an orderly way: what runs is killed, what is temporary goes.
enum Interruption {
  private static let descriptor = Atomic<Int32>(-1)
  private static let received = Atomic<Int32>(0)
  /// Keeps the descriptor open, whatever else refers to it: requests know it by its number.
  private static let kept = Mutex<Cancellation?>(nil)

  /// The signal that came first; SIGINT if none did.
  static var signalNumber: Int32 {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? SIGINT : number
  }

  /// The first signal cancels; a second one ends the process as if nobody listened.
  static func watch(_ cancellation: Cancellation) {
    kept.withLock { $0 = cancellation }
    descriptor.store(cancellation.descriptor, ordering: .relaxed)
    // Whoever started this process may have left them blocked.
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] { unsafe sigaddset(&signals, number) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number) { number in
        Interruption.received.store(number, ordering: .relaxed)
        signal(number, SIG_DFL)
        var one: UInt64 = 1
        _ = unsafe write(Interruption.descriptor.load(ordering: .relaxed), &one, 8)
      }
    }
  }
}
