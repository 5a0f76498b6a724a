import ContentHash
import DockerfileLint
import DockerfileSyntax
import Glibc
import SourceText

/// Which of the findings count: those that no baseline knows, in what has changed since a revision.
struct LintSelection {
  private let baseline: Baseline?
  /// The folder of the baseline, resolved; paths in it are relative to it.
  private let folder: String
  /// The old version of each file by its path; nil when all of it counts.
  private let old: [String: Dockerfile]?

  /// Reads what the options name.
  ///
  /// - Parameters:
  ///   - baseline: the path of a baseline; nil for none.
  ///   - revision: a revision of git; nil for none.
  ///   - paths: the files that are linted.
  init(baseline: String?, since revision: String?, paths: [String]) throws {
    folder = Self.folder(of: baseline ?? ".")
    if let baseline {
      let source = try readSource(baseline)
      do throws(Baseline.ParseError) {
        self.baseline = try Baseline(source.bytes, digest: fingerprint)
      } catch {
        let place =
          switch error {
          case .missingHead: "\(baseline):1"
          case .malformedLine(let line): "\(baseline):\(line)"
          }
        throw Failure(
          "\(place): this is no baseline; `slipway lint --write-baseline \(baseline)` makes one",
          status: Exit.unable)
      }
    } else {
      self.baseline = nil
    }
    guard let revision else {
      old = nil
      return
    }
    var versions: [String: Dockerfile] = [:]
    let files = paths.filter { $0 != "-" }
    for (path, bytes) in zip(files, try GitRevision.contents(of: files, at: revision)) {
      if let bytes { versions[path] = Dockerfile(parsing: Source(name: path, bytes: bytes)) }
    }
    old = versions
  }

  /// The findings that count.
  func selected(_ result: LintResult, path: String) -> LintResult {
    var result = result
    if let old, let before = old[path] { result = findings(of: result, changedSince: before) }
    if let baseline { result = baseline.newFindings(of: result, path: relative(path)) }
    return result
  }

  /// Writes a baseline of all findings.
  static func write(_ results: [(path: String, result: LintResult)], to path: String) throws {
    var baseline = Baseline(digest: fingerprint)
    let selection = LintSelection(folder: folder(of: path))
    for (path, result) in results { baseline.add(result, path: selection.relative(path)) }
    try createFile(path, baseline.bytes)
  }

  private init(folder: String) {
    baseline = nil
    old = nil
    self.folder = folder
  }

  private static func folder(of path: String) -> String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let folder = parts.isEmpty ? "." : parts == [""] ? "/" : parts.joined(separator: "/")
    return resolved(folder) ?? folder
  }

  private static func resolved(_ path: String) -> String? {
    guard let found = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(found) }
    return unsafe String(cString: found)
  }

  /// A file's path as seen from the baseline's folder, so that it is the same from wherever slipway is started.
  private func relative(_ path: String) -> [UInt8] {
    guard path != "-", let full = Self.resolved(path) else { return Array(path.utf8) }
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    return Array((full.hasPrefix(prefix) ? String(full.dropFirst(prefix.count)) : full).utf8)
  }
}

/// A digest for fingerprints: the first 40 hexadecimal digits of SHA-256, as long as what hadolint writes.
let fingerprint: @Sendable ([UInt8]) -> String = { bytes in
  String(hexadecimal(SHA256.hash(bytes)).prefix(40))
}
