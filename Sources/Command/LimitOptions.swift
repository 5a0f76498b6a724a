import ArgumentParser
import ImageStore
import Layers

/// How much archives and layers of others may hold.
struct LimitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A bound for layers and archives that are unpacked: unpacked=BYTES (1T), entries=NUMBER (10M), ratio=NUMBER "
        + "(1000, above 16G), name=BYTES (4096), attributes=BYTES (1M). May be repeated.",
      valueName: "what=number"))
  var limit: [String] = []

  /// For what is unpacked.
  func archive() throws -> ArchiveLimits {
    var limits = ArchiveLimits()
    for (name, value) in try values() {
      switch name {
      case "unpacked": limits.totalBytes = value
      case "entries": limits.members = Int(value)
      case "ratio": limits.ratio = Int(value)
      case "name": limits.pathBytes = Int(value)
      default: limits.attributeBytes = Int(value)
      }
    }
    return limits
  }

  /// For archives of images.
  func load() throws -> LoadLimits {
    var limits = LoadLimits()
    for (name, value) in try values() {
      switch name {
      case "unpacked":
        limits.totalSize = value
        limits.layerSize = value
      case "entries": limits.memberCount = Int(value)
      default:
        throw Failure("--limit \(name): an archive of images has unpacked and entries", status: Exit.unable)
      }
    }
    return limits
  }

  private func values() throws -> [(String, Int64)] {
    try limit.map { text in
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, ["unpacked", "entries", "ratio", "name", "attributes"].contains(parts[0]) else {
        throw Failure(
          "--limit \(text): write unpacked, entries, ratio, name or attributes, `=` and a number",
          status: Exit.unable)
      }
      guard let value = Self.number(parts[1]) else {
        throw Failure("--limit \(text): `\(parts[1])` is no number of 1 or more", status: Exit.unable)
      }
      return (parts[0], value)
    }
  }

  /// A number with k, M, G or T for powers of 1024.
  static func number(_ text: String) -> Int64? {
    let units: [Character: Int64] = ["k": 10, "K": 10, "M": 20, "m": 20, "G": 30, "g": 30, "T": 40, "t": 40]
    let shift = text.last.flatMap { units[$0] } ?? 0
    guard let value = Int64(shift == 0 ? text[...] : text.dropLast()), value > 0 else { return nil }
    let (scaled, overflow) = value.multipliedReportingOverflow(by: 1 << shift)
    return overflow ? nil : scaled
  }
}
