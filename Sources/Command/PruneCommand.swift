import ArgumentParser
import Glibc
import ImageBuild
import ImageStore
import OCIModel

/// `slipway prune`
struct PruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune", abstract: "Remove what the build cache and the store need no more.",
    discussion: """
      Removes steps from the build cache whose layers are in no image, and then the blobs that neither an image nor a \
      step of the cache needs; with --all also what is kept for RUN --mount=type=cache. Nothing is removed while a \
      build runs. What belongs to identities of /etc/subuid is removed with them.
      """)

  @Flag(
    name: [.customShort("a"), .long], help: "Remove steps whose layers are in images, and cache mounts, too.")
  var all = false
  @Option(
    help: ArgumentHelp(
      "`until=24h`: only what was not used for that long. `type=exec.cachemount`: cache mounts alone; "
        + "`type=regular`: steps alone. May be repeated.", valueName: "filter"))
  var filter: [String] = []
  @Option(
    name: [.long, .customLong("max-used-space")],
    help: ArgumentHelp(
      "What the cache may keep, such as 10GB; used longest ago goes first.", valueName: "size"))
  var keepStorage: String?
  @Flag(help: "Tell what would go, and remove nothing.")
  var dryRun = false
  @Flag(name: [.customShort("f"), .long], help: "Do not ask.")
  var force = false
  @OptionGroup var store: StoreOptions

  func run() throws {
    var pruning = CachePruning()
    pruning.includesUsed = all
    pruning.isDryRun = dryRun
    var (prunesSteps, prunesMounts) = (true, all)
    for text in filter {
      switch text {
      case "type=regular": prunesMounts = false
      case "type=exec.cachemount": (prunesSteps, prunesMounts) = (false, true)
      default:
        guard text.hasPrefix("until="), let seconds = Self.seconds(text.dropFirst(6)) else {
          throw Failure(
            "--filter \(text): write until= and a time such as 90m, 24h or 7d, type=regular or "
              + "type=exec.cachemount", status: Exit.unable)
        }
        pruning.unusedSince = Int64(time(nil)) - seconds
      }
    }
    if let keepStorage {
      guard let size = Self.bytes(keepStorage) else {
        throw Failure(
          "--keep-storage \(keepStorage): write a size such as 500MB or 10GB", status: Exit.unable)
      }
      pruning.keptSize = size
    }
    if !force, !dryRun, !Self.isConfirmed() { throw Failure("nothing was removed; -f does not ask") }
    // Before anything else has a thread.
    let missingRange = RangeMark.enter(store.path)
    let store = try store.open()
    do {
      var lines: [String] = []
      var freed: Int64 = 0
      if prunesSteps {
        var pruning = pruning
        // What is kept is both together, and steps are made anew more cheaply.
        if prunesMounts, let size = pruning.keptSize {
          pruning.keptSize = max(0, size - (try store.sizeOfMounts()))
        }
        let result = try store.pruneCache(pruning)
        lines += result.steps.map { "step \($0.key.hex.prefix(12))" }
        lines += result.blobs.digests.map { "blob \($0)" }
        freed += result.blobs.size
      }
      if prunesMounts {
        for mount in try store.pruneMounts(pruning) {
          lines.append("mount \(mount.key.prefix(12)) \(String(decoding: mount.name, as: UTF8.self))")
          freed += mount.size
        }
      }
      if !dryRun { try RangeMark.removeIfClean(store) }
      if let missingRange, store.sweepFailure != nil { throw missingRange }
      let total = "\(dryRun ? "would free" : "freed") \(byteCount(freed))"
      writeAll(STDOUT_FILENO, Array((lines + [total]).map { $0 + "\n" }.joined().utf8))
    } catch let error as StoreError {
      // Any other reason is told as it is.
      if let missingRange, case .system(let failure) = error, [EACCES, EPERM].contains(failure.code) {
        throw missingRange
      }
      throw Failure(storeSentence(error), status: Exit.unable)
    }
  }

  private static func isConfirmed() -> Bool {
    writeAll(STDERR_FILENO, Array("Remove what is needed no more from the build cache? [y/N] ".utf8))
    return ["y", "yes"].contains(readLine()?.lowercased())
  }

  /// A duration as Go writes it, of one part, or in days.
  private static func seconds(_ text: Substring) -> Int64? {
    let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
    guard let last = text.last, let unit = units[last], let count = Int64(text.dropLast()), count >= 0 else {
      return nil
    }
    let (result, overflows) = count.multipliedReportingOverflow(by: unit)
    return overflows ? nil : result
  }

  /// A size in bytes, kB, MB, GB or TB, by thousands as docker counts.
  private static func bytes(_ text: String) -> Int64? {
    let lower = text.lowercased()
    let digits = lower.prefix { $0.isASCII && $0.isNumber }
    var unit = lower.dropFirst(digits.count)
    if unit.last == "b" { unit = unit.dropLast() }
    let powers: [Substring: Int64] = [
      "": 1, "k": 1000, "m": 1_000_000, "g": 1_000_000_000, "t": 1_000_000_000_000,
    ]
    guard let count = Int64(digits), let power = powers[unit] else { return nil }
    let (result, overflows) = count.multipliedReportingOverflow(by: power)
    return overflows ? nil : result
  }
}
