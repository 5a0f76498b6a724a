import ContentHash
import DockerfileLint
import DockerfileSyntax
import Glibc
import LintInputs
import SourceText

/// Which of the findings count: those that no baseline knows, in what has changed since a revision.
struct LintSelection: Sendable {
  private let baseline: Baseline?
  /// The folder of the baseline, resolved; paths in it are relative to it.
  private let folder: [UInt8]
  /// The old versions of each file by its path; nil when all of it counts.
  private let old: [InputPath: [Dockerfile]]?

  /// Whether everything counts.
  var isTrivial: Bool { baseline == nil && old == nil }

  /// - Parameters:
  ///   - baseline: the path of a baseline; nil for none.
  ///   - old: what ``versions(of:since:)`` gives; nil when all counts.
  init(baseline: String?, old: [InputPath: [Dockerfile]]?) throws {
    self.old = old
    folder = Self.folder(of: baseline ?? ".")
    guard let baseline else {
      self.baseline = nil
      return
    }
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
  }

  /// The Dockerfiles of each input as they were at a revision of git; what was not there is left out.
  static func versions(of inputs: [LintInput], since revision: String) throws(Failure) -> [InputPath:
    [Dockerfile]]
  {
    var versions: [InputPath: [Dockerfile]] = [:]
    let files = inputs.filter { $0.path != .standardInput }
    for (input, bytes) in zip(files, try GitRevision.contents(of: files.map(\.path.bytes), at: revision)) {
      guard let bytes else { continue }
      switch input.content {
      case .embedded:
        versions[input.path] = input.embedded(in: bytes).map { Dockerfile(parsing: $0.source) }
      case .file, .standardInput:
        versions[input.path] = [Dockerfile(parsing: Source(name: input.displayName, bytes: bytes))]
      }
    }
    return versions
  }

  /// The findings that count.
  func selected(_ result: LintResult, path: InputPath) -> LintResult {
    var result = result
    if let before = old?[path] { result = findings(of: result, changedSince: before) }
    if let baseline { result = baseline.newFindings(of: result, path: relative(path)) }
    return result
  }

  /// Writes a baseline of findings.
  ///
  /// - Returns: how many it holds.
  static func write(_ results: [(path: InputPath, results: [LintResult])], to path: String) throws -> Int {
    var baseline = Baseline(digest: fingerprint)
    let selection = LintSelection(folder: folder(of: path))
    for (path, results) in results {
      for result in results { baseline.add(result, path: selection.relative(path)) }
    }
    try createFile(path, baseline.bytes)
    return baseline.count
  }

  private init(folder: [UInt8]) {
    baseline = nil
    old = nil
    self.folder = folder
  }

  private static func folder(of path: String) -> [UInt8] {
    let parts = path.utf8.split(separator: 0x2F, omittingEmptySubsequences: false).dropLast()
    let folder = parts.isEmpty ? Array(".".utf8) : Array(parts.joined(separator: [0x2F]))
    return resolvedPath(folder.isEmpty ? [0x2F] : folder) ?? folder
  }

  /// A file's path as seen from the baseline's folder, so that it is the same from wherever slipway is started.
  private func relative(_ path: InputPath) -> [UInt8] {
    guard path != .standardInput, let full = resolvedPath(path.bytes) else { return path.bytes }
    let prefix = folder.last == 0x2F ? folder : folder + [0x2F]
    return full.starts(with: prefix) ? Array(full.dropFirst(prefix.count)) : full
  }
}

/// The path without links and dots; nil when there is nothing.
func resolvedPath(_ path: [UInt8]) -> [UInt8]? {
  let found = unsafe (path + [0]).withUnsafeBufferPointer { bytes in
    unsafe bytes.withMemoryRebound(to: CChar.self) { unsafe realpath($0.baseAddress, nil) }
  }
  guard let found = unsafe found else { return nil }
  defer { unsafe free(found) }
  return unsafe Array(UnsafeBufferPointer(start: found, count: strlen(found)).map { UInt8(bitPattern: $0) })
}

/// A digest for fingerprints: the first 40 hexadecimal digits of SHA-256, as long as what hadolint writes.
let fingerprint: @Sendable ([UInt8]) -> String = { bytes in
  String(hexadecimal(SHA256.hash(bytes)).prefix(40))
}
