import CIsolation
import Glibc

/// Runs one process of a build in isolation and hands back what it wrote and how it ended.
package protocol Executor: Sendable {
  /// Runs the process and blocks until it, and everything it started, is gone.
  ///
  /// `output` is called on the calling thread, in the order in which bytes arrive; a call that takes long holds
  /// the process up. A process that fails is no error: errors are what kept it from running, and `.cancelled`.
  func run(
    _ spec: ProcessSpec, cancellation: Cancellation?, output: @Sendable (OutputChunk) -> Void
  ) throws(IsolationError) -> ExitStatus
}

extension Executor {
  /// Runs the process with nothing that could cancel it.
  package func run(
    _ spec: ProcessSpec, output: @Sendable (OutputChunk) -> Void
  ) throws(IsolationError) -> ExitStatus {
    try run(spec, cancellation: nil, output: output)
  }
}

/// Some bytes that a process wrote: as they came, not cut at lines or characters.
package struct OutputChunk: Sendable, Equatable {
  /// Where the bytes were written.
  package enum Stream: Sendable, Equatable {
    case standardOutput, standardError
  }

  package var stream: Stream
  package var bytes: [UInt8]

  package init(stream: Stream, bytes: [UInt8]) {
    self.stream = stream
    self.bytes = bytes
  }
}

/// How a process ended.
package enum ExitStatus: Sendable, Equatable {
  case exited(Int32)
  case signaled(Int32)
  /// The command could not be executed: `code` is 127 for a command that is not there and 126 for one that
  /// the kernel refuses, as shells have it; `errno` says why.
  case notStarted(code: Int32, errno: Int32)

  /// The status as a shell would show it: the exit code, or 128 and the signal's number.
  package var shellCode: Int32 {
    switch self {
    case .exited(let code), .notStarted(let code, _): code
    case .signaled(let number): 128 + number
    }
  }
}

/// Stops processes from another thread. Once cancelled it stays so: a process started with it afterwards does
/// not start.
package final class Cancellation: Sendable {
  private let event: Descriptor

  /// Throws `.system` if no descriptor is left.
  package init() throws(IsolationError) {
    event = try Descriptor(answer: isolation_eventfd(), call: "eventfd")
  }

  /// Kills every process that runs with this object, with all it started. Async-signal-safe but for the
  /// object's reference count.
  package func cancel() {
    var one: UInt64 = 1
    // The only failure is a counter that is full, which also means cancelled.
    _ = unsafe write(event.raw, &one, 8)
  }

  /// Whether `cancel` was called.
  package var isCancelled: Bool {
    var watch = pollfd(fd: event.raw, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&watch, 1, 0) == 1
  }

  /// Readable once cancelled; nobody reads it, so that every run sees it. A signal handler may write a
  /// 64-bit one to it, which is what `cancel` does.
  package var descriptor: CInt { event.raw }
}

extension Cancellation {
  /// Waits until this object or another one is cancelled.
  /// - Returns: whether this one is.
  package func isCancelled(before other: Cancellation) -> Bool {
    var watch = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: other.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    while unsafe poll(&watch, 2, -1) < 0, errno == EINTR {}
    return isCancelled
  }
}
