import DockerfileLint
import Glibc
import LintConfiguration
import Reports

/// Where a report goes and in which format.
struct LintDestination: Equatable {
  let format: LintFormat
  /// A path, or `-` for standard output.
  let path: String
}

extension LintOptions {
  /// The reports of a run: formats and outputs paired in order. Where an output has no format it is hadolint's `tty`; where
  /// a format has no output it goes to standard output; where there is neither the findings are shown in full.
  ///
  /// hadolint pairs the outputs with the formats of environment and files first, so that a format in a file takes the
  /// output that stands beside another one on the command line. Only `--hadolint-strict` does that too.
  func destinations(_ configuration: EffectiveConfiguration) -> [LintDestination] {
    let others = Array(configuration.formats.dropLast(format.count))
    let formats = configuration.settings.isStrict ? others + format : format + others
    if formats.isEmpty, output.isEmpty {
      return [LintDestination(format: .full, path: "-")]
    }
    return (0..<max(formats.count, output.count)).map { index in
      LintDestination(
        format: index < formats.count ? formats[index] : .tty,
        path: index < output.count ? output[index] : "-")
    }
  }

  /// The options of reports that go to a place.
  func reportOptions(isColoured: Bool) -> LintReportOptions {
    var options = LintReportOptions()
    options.style = TerminalStyle(isColoured: isColoured)
    options.pathInReport = filePathInReport
    options.version = Slipway.version
    options.digest = fingerprint
    return options
  }

  /// Writes a report to a file.
  func write(_ bytes: [UInt8], toFile path: String) throws(InputError) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw InputError(path: path, reason: errorText(errno)) }
    let isWritten = writeAll(descriptor, bytes)
    let failure = errno
    guard close(descriptor) == 0, isWritten else {
      throw InputError(path: path, reason: errorText(isWritten ? errno : failure))
    }
  }
}
