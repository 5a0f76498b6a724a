import ArgumentParser
import Glibc

/// The exit statuses, and the one place that turns errors into messages.
enum Exit {
  /// The input has findings or does not parse, or the build failed.
  static let failed: Int32 = 1
  /// Wrong usage, or the tool could not do its work.
  static let unable: Int32 = 2

  /// Prints what an error says and gives the exit status that goes with it.
  static func status(reporting error: any Error) -> Int32 {
    switch error {
    case let failure as Failure:
      complain(failure.message)
      return failure.status
    case let failure as InputError:
      complain("\(failure.path): \(failure.reason)")
      return unable
    case let code as ExitCode:
      return code.rawValue
    default:
      return statusOfParser(error)
    }
  }

  /// Help and version are asked for and go to standard output; everything else the parser says is wrong usage.
  private static func statusOfParser(_ error: any Error) -> Int32 {
    let text = Slipway.fullMessage(for: error)
    if Slipway.exitCode(for: error).isSuccess {
      writeAll(STDOUT_FILENO, Array((text + "\n").utf8))
      return 0
    }
    writeAll(STDERR_FILENO, Array((text + "\n").utf8))
    return unable
  }

  /// Prints a message to standard error.
  static func complain(_ message: String) {
    writeAll(STDERR_FILENO, Array("slipway: \(message)\n".utf8))
  }
}

/// A failure with its message and exit status.
struct Failure: Error {
  let message: String
  let status: Int32

  init(_ message: String, status: Int32 = Exit.failed) {
    self.message = message
    self.status = status
  }
}
