import CIsolation
import Glibc
import Synchronization

/// The terminal that somebody sits at. A process never gets it itself, which would let it type into it (TIOCSTI,
/// ioctl_tty(2)) or take it over: it gets one of its own, and what is typed and shown is copied between the two.
package struct UserTerminal: Sendable, Equatable {
  /// Descriptors of it, which stay the caller's.
  package var input: CInt
  package var output: CInt

  package init(input: CInt, output: CInt) {
    self.input = input
    self.output = output
  }
}

/// Copies between the user's terminal and that of a process. While it does, every key goes to the process: Ctrl-C too
/// means it, and not the caller.
final class TerminalRelay {
  private let terminal: UserTerminal
  /// The other end of the process's terminal, once the process has opened it.
  private let master: Descriptor
  private let saved: termios
  private let changes: CInt
  /// What was typed, and does not go in yet.
  private var typed: [UInt8] = []
  private var isOpen = true
  private var hasBegun = false

  /// Gives the process's terminal the size and the keys of the user's.
  /// - Parameter master: must not block.
  init(_ terminal: UserTerminal, master: consuming Descriptor) throws(IsolationError) {
    guard fcntl(master.raw, F_SETFL, O_NONBLOCK) == 0 else { throw .system(call: "fcntl", errno: errno) }
    self.terminal = terminal
    self.master = master
    var settings = termios()
    guard unsafe tcgetattr(terminal.input, &settings) == 0 else {
      throw .system(call: "tcgetattr", errno: errno)
    }
    saved = settings
    changes = try WindowChanges.watch()
    // The same keys erase and interrupt as outside.
    guard unsafe tcsetattr(self.master.raw, TCSANOW, &settings) == 0 else {
      throw .system(call: "tcsetattr", errno: errno)
    }
    resize()
  }

  /// Takes over the user's terminal. What was typed before belongs to a process that has started, so that one which
  /// cannot be started loses nothing of it.
  func begin() throws(IsolationError) {
    guard !hasBegun else { return }
    var settings = saved
    unsafe cfmakeraw(&settings)
    guard unsafe tcsetattr(terminal.input, TCSADRAIN, &settings) == 0 else {
      throw .system(call: "tcsetattr", errno: errno)
    }
    hasBegun = true
  }

  deinit {
    WindowChanges.end()
    guard hasBegun else { return }
    var settings = saved
    // A terminal that is gone needs no settings.
    _ = unsafe tcsetattr(terminal.input, TCSADRAIN, &settings)
  }

  /// What is to be waited for, for `serve`.
  var interests: [pollfd] {
    let output = Int16(POLLIN) | (typed.isEmpty ? 0 : Int16(POLLOUT))
    return [
      pollfd(fd: isOpen ? master.raw : -1, events: output, revents: 0),
      pollfd(fd: hasBegun && typed.isEmpty ? terminal.input : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: changes, events: Int16(POLLIN), revents: 0),
    ]
  }

  /// Copies what there is.
  /// - Parameter found: `interests`, after poll(2).
  /// - Returns: whether the user is still there.
  func serve(_ found: [pollfd]) -> Bool {
    if found[2].revents != 0 {
      var count: UInt64 = 0
      _ = unsafe read(changes, &count, 8)
      resize()
    }
    if found[1].revents != 0 {
      guard let bytes = Self.take(terminal.input, limit: 4096), !bytes.isEmpty else { return false }
      typed += bytes
    }
    send()
    guard found[0].revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 else { return true }
    // An error says that nobody has the process's terminal open any more.
    guard let bytes = Self.take(master.raw, limit: 65536) else {
      isOpen = false
      return true
    }
    return show(bytes)
  }

  /// Shows what a process that is gone has left.
  func finish() {
    while let bytes = Self.take(master.raw, limit: 65536), !bytes.isEmpty, show(bytes) {}
  }

  /// Some bytes, none if there are none now; nil at the end, and on an error.
  private static func take(_ descriptor: CInt, limit: Int) -> [UInt8]? {
    guard let result = try? readBytes(descriptor, limit: limit) else { return nil }
    return switch result {
    case .bytes(let bytes): bytes
    case .nothingYet: []
    case .end: nil
    }
  }

  private func send() {
    while !typed.isEmpty {
      let count = unsafe typed.withUnsafeBytes { unsafe write(master.raw, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      // EAGAIN: the process does not read now. Anything else: it never will.
      if count < 0, errno != EAGAIN { typed = [] }
      guard count > 0 else { return }
      typed.removeFirst(count)
    }
  }

  private func show(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe write(terminal.output, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        // Somebody else has made the terminal one that does not block.
        var watch = pollfd(fd: terminal.output, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&watch, 1, -1)
      } else if errno != EINTR {
        return false
      }
    }
    return true
  }

  /// Gives the process's terminal the size of the user's; the kernel tells the process.
  private func resize() {
    var size = winsize()
    // One without a size leaves the other without.
    guard unsafe ioctl(terminal.output, UInt(TIOCGWINSZ), &size) == 0 else { return }
    _ = unsafe ioctl(master.raw, UInt(TIOCSWINSZ), &size)
  }
}

/// Makes the signal for a new size of the terminal readable. There is one terminal, and one that listens.
private enum WindowChanges {
  private static let event = Atomic<CInt>(-1)

  /// A descriptor that is readable after each change. It stays open as long as the process lives: a signal may come
  /// at any time.
  static func watch() throws(IsolationError) -> CInt {
    var descriptor = event.load(ordering: .acquiring)
    if descriptor < 0 {
      descriptor = isolation_eventfd()
      guard descriptor >= 0 else { throw .system(call: "eventfd", errno: -descriptor) }
      event.store(descriptor, ordering: .releasing)
    }
    // Whoever started this process may have left it blocked. One thread that takes it is enough: this one.
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGWINCH)
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    signal(SIGWINCH) { _ in
      let error = errno
      var one: UInt64 = 1
      _ = unsafe write(WindowChanges.event.load(ordering: .relaxed), &one, 8)
      errno = error
    }
    return descriptor
  }

  static func end() { signal(SIGWINCH, SIG_DFL) }
}
